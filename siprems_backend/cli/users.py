"""`siprems users`: accounts, for an operator at the machine."""

from __future__ import annotations

import sys
from typing import Any

import click
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from siprems_backend.cli import siprems
from siprems_backend.services import users as accounts
from siprems_backend.utils.clock import iso
from siprems_backend.utils.pagination import LARGEST_PAGE, PageRequest
from siprems_backend.utils.roles import Role

ROLE = click.Choice([role.value for role in Role])
from_input = click.option(
    "--password-stdin", is_flag=True, help="Read the password from the first line of standard input."
)


@siprems.group("users")
def users() -> None:
    """Accounts and roles."""


@users.command("list")
@click.option("--search", help="Part of an e-mail address or name.")
def list_users(search: str | None) -> None:
    """List accounts."""
    table = Table("id", "e-mail", "name", "role", "active", "last login")
    request = PageRequest(1, LARGEST_PAGE)
    while True:
        page = accounts.page(request, search=search)
        for user in page.items:
            table.add_row(*_row(user))
        if request.page * request.page_size >= page.total:
            break
        request = PageRequest(request.page + 1, LARGEST_PAGE)
    Console().print(table)
    click.echo(f"{page.total} account{'' if page.total == 1 else 's'}")


@users.command("create")
@click.argument("email")
@click.option("--name", prompt="Full name", help="Full name.")
@click.option("--role", type=ROLE, default=Role.VIEWER.value, show_default=True)
@from_input
def create(email: str, name: str, role: str, password_stdin: bool) -> None:
    """Make an account."""
    user = accounts.create(email, name, _password(password_stdin), Role(role))
    click.echo(f"Made the account {user.email} with the role {user.role}.")


@users.command("set-role")
@click.argument("email")
@click.argument("role", type=ROLE)
def set_role(email: str, role: str) -> None:
    """Change what somebody may do; it acts at once."""
    user = accounts.change(accounts.by_email(email).id, role=Role(role))
    click.echo(f"{user.email} is {user.role} now.")


@users.command("set-password")
@click.argument("email")
@from_input
def set_password(email: str, password_stdin: bool) -> None:
    """Give somebody a new password; the account's sessions and API keys end."""
    user = accounts.set_password(email, _password(password_stdin))
    click.echo(f"Changed the password of {user.email}; its sessions and API keys have ended.")


@users.command("deactivate")
@click.argument("email")
def deactivate(email: str) -> None:
    """Lock somebody out, at once."""
    user = accounts.change(accounts.by_email(email).id, is_active=False)
    click.echo(f"{user.email} is deactivated.")


@users.command("activate")
@click.argument("email")
def activate(email: str) -> None:
    """Let somebody in again."""
    user = accounts.change(accounts.by_email(email).id, is_active=True)
    click.echo(f"{user.email} is active.")


def _row(user: Any) -> tuple[str, ...]:
    last_login = iso(user.last_login_at) or "never"
    active = "yes" if user.is_active else "no"
    return str(user.id), escape(user.email), escape(user.full_name), user.role, active, last_login


def _password(from_stdin: bool) -> str:
    """Asked for without showing it: a password on the command line is seen by all users of the machine."""
    if from_stdin:
        return sys.stdin.readline().rstrip("\r\n")
    answer: str = click.prompt("Password", hide_input=True, confirmation_prompt=True)
    return answer
