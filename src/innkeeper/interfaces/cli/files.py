"""`innkeeper files …`"""

from pathlib import Path
from typing import Annotated

import typer

from innkeeper.interfaces.cli.asking import client_of
from innkeeper.interfaces.cli.printing import show_list, show_one

app = typer.Typer(name="files", help="What lies on the site.", no_args_is_help=True)
Remote = Annotated[str, typer.Argument(metavar="PATH", help="From your top folder, like /projects/a.pdf.")]
NewPath = Annotated[str, typer.Argument(metavar="NEW_PATH")]
Overwrite = Annotated[bool, typer.Option("--overwrite", help="Replace a file that has the name.")]


@app.command("ls")
def list_files(
    context: typer.Context,
    path: Remote = "/",
    text: Annotated[str, typer.Option(help="Part of the name.")] = "",
) -> None:
    """List a folder."""
    with client_of(context) as client:
        found = client.files.iterate(path, text=text, limit=1000)
        show_list(context, found, ("name", "kind", "size", "modified_at"))


@app.command("get")
def get_file(
    context: typer.Context,
    path: Remote,
    target: Annotated[Path | None, typer.Argument(help="Else its own name, here.")] = None,
) -> None:
    """Download a file."""
    here = target or Path()
    with client_of(context) as client:
        show_one(context, client.files.get(path, here / Path(path).name if here.is_dir() else here))


@app.command("put")
def put_file(
    context: typer.Context,
    source: Annotated[Path, typer.Argument(exists=True, dir_okay=False)],
    path: Remote,
    keep: Annotated[bool, typer.Option("--keep", help="Never replace a file that has the name.")] = False,
) -> None:
    """Upload a file; goes on by itself after a short trouble. A path that ends in '/' is a folder."""
    there = path + source.name if path.endswith("/") else path
    with client_of(context) as client:
        show_one(context, client.files.put(source, there, overwrite=not keep))


@app.command("rm")
def remove_file(
    context: typer.Context,
    path: Remote,
    recursive: Annotated[bool, typer.Option("--recursive", "-r", help="With all it holds.")] = False,
) -> None:
    """Delete a file or folder."""
    with client_of(context) as client:
        client.files.delete(path, is_recursive=recursive)


@app.command("mv")
def move_file(context: typer.Context, path: Remote, new_path: NewPath, overwrite: Overwrite = False) -> None:
    """Move or rename a file or folder."""
    with client_of(context) as client:
        show_one(context, client.files.move(path, new_path, overwrite=overwrite))


@app.command("cp")
def copy_file(context: typer.Context, path: Remote, new_path: NewPath, overwrite: Overwrite = False) -> None:
    """Copy a file or folder."""
    with client_of(context) as client:
        show_one(context, client.files.copy(path, new_path, overwrite=overwrite))


@app.command("mkdir")
def make_folder(context: typer.Context, path: Remote) -> None:
    """Make a folder."""
    with client_of(context) as client:
        show_one(context, client.files.make_folder(path))
