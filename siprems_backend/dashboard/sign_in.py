"""The page to sign in on: an ordinary form that needs no script."""

from __future__ import annotations

from html import escape

from siprems_backend.dashboard import problems
from siprems_backend.dashboard.files import file_url
from siprems_backend.dashboard.language import LANGUAGES, current_language, say
from siprems_backend.dashboard.language.choice import current_theme
from siprems_backend.errors import ServiceError

PAGE = """<!DOCTYPE html>
<html lang="{language}" data-theme="{theme}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title} · SIPREMS</title>
<script src="{theme_script}"></script>
<link rel="icon" href="{icon}" type="image/svg+xml">
<link rel="stylesheet" href="{tokens}">
<link rel="stylesheet" href="{style}">
</head>
<body>
<main>
<div class="brand"><span class="mark" aria-hidden="true"></span>SIPREMS</div>
<h1>{title}</h1>
<p class="lead">{lead}</p>
{problem}
<form method="post" action="/app/sign-in">
<input type="hidden" name="next" value="{following}">
<label for="email">{email_label}</label>
<input id="email" name="email" type="email" autocomplete="username" required value="{email}"{focus_email}>
<label for="password">{password_label}</label>
<input id="password" name="password" type="password" autocomplete="current-password" required{focus_password}>
<button type="submit">{button}</button>
</form>
<nav aria-label="{languages_label}">{languages}</nav>
</main>
</body>
</html>
"""


def sign_in_page(problem: ServiceError | None, email: str, following: str) -> str:
    """The page; `following` is where to go afterwards."""
    focus = " autofocus"
    return PAGE.format(
        language=current_language(),
        theme=current_theme(),
        theme_script=file_url("early/theme.js"),
        icon=file_url("early/favicon.svg"),
        tokens=file_url("10-tokens.css"),
        style=file_url("early/sign-in.css"),
        title=escape(say("sign_in.title")),
        lead=escape(say("sign_in.lead")),
        problem=_problem(problem),
        following=escape(following),
        email=escape(email),
        email_label=escape(say("sign_in.email")),
        password_label=escape(say("sign_in.password")),
        button=escape(say("sign_in.button")),
        languages_label=escape(say("shell.language")),
        languages=" ".join(_language_link(code, name) for code, name in LANGUAGES.items()),
        focus_email="" if email else focus,
        focus_password=focus if email else "",
    )


def _problem(problem: ServiceError | None) -> str:
    if problem is None:
        return ""
    return f'<p class="problem" role="alert">{escape(problems.words(problem))}</p>'


def _language_link(code: str, name: str) -> str:
    current = ' aria-current="true"' if code == current_language() else ""
    return f'<a href="#" lang="{code}" data-language="{code}"{current}>{escape(name)}</a>'
