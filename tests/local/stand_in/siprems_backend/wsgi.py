"""A backend with one table, the commands the launcher calls and a health check."""

import os

import click
import psycopg2
import redis
from flask import Flask
from flask.cli import AppGroup

app = Flask(__name__)
commands = AppGroup("siprems")
demo = AppGroup("demo")


def count() -> int:
    with psycopg2.connect(os.environ["DATABASE_URL"]) as connection, connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM product")
        return cursor.fetchone()[0]


@commands.command()
def migrate() -> None:
    with psycopg2.connect(os.environ["DATABASE_URL"]) as connection, connection.cursor() as cursor:
        cursor.execute("CREATE TABLE IF NOT EXISTS product (sku text)")


@demo.command()
@click.option("--if-empty", is_flag=True)
def load(if_empty: bool) -> None:
    if if_empty and count():
        return
    with psycopg2.connect(os.environ["DATABASE_URL"]) as connection, connection.cursor() as cursor:
        cursor.execute("INSERT INTO product VALUES ('A')")
    click.echo("Loaded 1 product.")


@commands.command()
@click.option("--status", default=0)
def products(status: int) -> None:
    click.echo(f"{count()} products")
    raise SystemExit(status)


commands.add_command(demo)
app.cli.add_command(commands)


@app.get("/health/ready")
def ready() -> dict[str, object]:
    redis.Redis.from_url(os.environ["CELERY_BROKER_URL"]).ping()
    return {"status": "ok", "checks": {"database": f"{count()} products"}}
