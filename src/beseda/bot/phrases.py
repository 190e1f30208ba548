"""What a bot says by itself, in three languages; a bot may bring its own (`Bot(phrases=...)`)."""

import msgspec


class Phrases(msgspec.Struct, frozen=True, kw_only=True):
    """Sentences with places in braces, which are filled in (`str.format`): each of them is told to members."""

    usage: str = "Usage: {usage}"
    missing: str = "“{name}” is missing."
    too_many: str = "“{text}” is too much."
    not_int: str = "“{name}” is a whole number, not “{text}”."
    not_number: str = "“{name}” is a number, not “{text}”."
    not_bool: str = "“{name}” is yes or no, not “{text}”."
    not_span: str = "“{name}” is a time such as 90s, 10m or 1h30m, not “{text}”."
    not_choice: str = "“{name}” is one of {choices}, not “{text}”."
    not_here: str = "“{text}” is not here."
    denied: str = "That is not for you."
    too_often: str = "Not so often: again in {seconds} s."
    commands: str = "Commands: {commands}"
    more: str = "More about one: {usage}"
    no_command: str = "There is no command “{text}”."
    yes: tuple[str, ...] = ("yes", "y", "on", "true", "1", "ano", "да")
    no: tuple[str, ...] = ("no", "n", "off", "false", "0", "ne", "нет")
    help_name: str = "help"
    help_help: str = "What this bot can do"


ENGLISH = Phrases()
"""What a bot says unless told otherwise."""
CZECH = Phrases(
    usage="Píše se to takhle: {usage}",
    missing="Chybí „{name}“.",
    too_many="„{text}“ je navíc.",
    not_int="„{name}“ má být celé číslo, ne „{text}“.",
    not_number="„{name}“ má být číslo, ne „{text}“.",
    not_bool="„{name}“ má být ano, nebo ne, a ne „{text}“.",
    not_span="„{name}“ má být doba jako 90s, 10m nebo 1h30m, ne „{text}“.",
    not_choice="„{name}“ má být něco z {choices}, ne „{text}“.",
    not_here="„{text}“ tu není.",
    denied="To není pro tebe.",
    too_often="Ne tak často: znovu za {seconds} s.",
    commands="Příkazy: {commands}",
    more="Víc o jednom z nich: {usage}",
    no_command="Příkaz „{text}“ není.",
    help_name="pomoc",
    help_help="Co tenhle bot umí",
)
"""The same in Czech."""
RUSSIAN = Phrases(
    usage="Это пишется так: {usage}",
    missing="Не хватает: {name}.",
    too_many="Лишнее: «{text}».",
    not_int="«{name}» — целое число, а не «{text}».",
    not_number="«{name}» — число, а не «{text}».",
    not_bool="«{name}» — да или нет, а не «{text}».",
    not_span="«{name}» — время, например 90s, 10m или 1h30m, а не «{text}».",
    not_choice="«{name}» — одно из {choices}, а не «{text}».",
    not_here="«{text}» здесь нет.",
    denied="Это не для вас.",
    too_often="Не так часто: снова через {seconds} с.",
    commands="Команды: {commands}",
    more="Подробнее о команде: {usage}",
    no_command="Команды «{text}» нет.",
    help_name="помощь",
    help_help="Что умеет этот бот",
)
"""The same in Russian."""
