"""Help and versions, of all commands and of each."""

import importlib
import inspect

import pytest

from convlens.cli.app import COMMANDS


@pytest.mark.parametrize("name", COMMANDS)
def test_a_summary_is_the_first_sentence_of_a_commands_help(name):
    command = getattr(importlib.import_module(f"convlens.cli.{name}"), name)
    assert inspect.getdoc(command).split("\n\n")[0].replace("\n", " ") == COMMANDS[name]


@pytest.mark.parametrize("name", COMMANDS)
def test_each_command_has_help_of_its_own(name, run):
    result = run(name, "--help")
    assert result.code == 0
    assert f"convlens {name}" in result.out
    assert "Examples" in result.out or name in ("demo", "reproduce")
