"""The core's refusals in SpaceWeb's words: a code of the xmlrpc-epi list, and a Russian text.

-32603 makes clients sign in anew and try once more, so it says only that the session is not good. -32400 is for
credentials: clients remember it and do not try them again. -32500 is every other refusal. The implementation's own
range, -32001 to -32003, is for what may go well later, and -32004 for what may have been done.
"""

import math
from collections.abc import Callable
from typing import Any

from beseda.domain import errors
from beseda.domain.errors import BesedaError
from beseda.wire.spaceweb.envelope import Code, Extended, ExtendedResult, Fault

SESSION, CREDENTIALS, REFUSED = Code.SESSION, Code.CREDENTIALS, Code.REFUSED
WRONG_CREDENTIALS = (CREDENTIALS, "Неверный логин или пароль")

RECORD_REASONS = {
    "type_refused": "Записи этого типа не поддерживаются",
    "name_invalid": "Недопустимое имя DNS-записи",
    "data_invalid": "Недопустимое значение DNS-записи",
    "ttl_invalid": "Недопустимое время жизни DNS-записи",
    "set_too_large": "Слишком много данных у одного имени и типа",
    "cname_not_alone": "CNAME не может стоять рядом с другими записями",
    "cname_at_apex": "У самого домена не может быть CNAME",
    "ds_at_apex": "DS принадлежит зоне уровнем выше",
    "ds_without_ns": "DS возможна только у делегированного поддомена",
    "wildcard": "У имени со звёздочкой не может быть NS и DS",
    "target_address": "Запись указывает на адрес, а нужно имя узла",
    "target_alias": "Запись указывает на псевдоним (CNAME)",
    "null_mx": "MX без узла может быть только одна, с приоритетом 0",
}
"""Of domain/records.py's REASONS."""

ERRORS: dict[type[BesedaError], tuple[int, str | Callable[[Any], str]]] = {
    errors.NotSignedIn: (SESSION, "Время сеанса истекло."),
    errors.WrongCredentials: WRONG_CREDENTIALS,
    errors.EmptyCredentials: WRONG_CREDENTIALS,
    errors.NoSuchLogin: WRONG_CREDENTIALS,
    errors.AlreadySignedIn: (REFUSED, "Вход уже выполнен"),
    errors.AccountBlocked: (CREDENTIALS, "Аккаунт заблокирован"),
    errors.AccountFrozen: (CREDENTIALS, "Аккаунт приостановлен"),
    errors.WrongProof: (REFUSED, "Запрос не подтверждён"),
    errors.CrossSite: (REFUSED, "Запрос с чужого сайта"),
    errors.AppTokenNotFound: (REFUSED, "Токен приложения не найден"),
    errors.AppTokenExpired: (REFUSED, "Токен приложения не подтверждён вовремя"),
    errors.CaptchaNeeded: (REFUSED, "Введите код с картинки"),
    errors.CaptchaWrong: (REFUSED, "Неверный код с картинки"),
    errors.SecondFactorNeeded: (CREDENTIALS, "Включена двухфакторная защита: вместо пароля укажите личный токен"),
    errors.SecondFactorWrong: (CREDENTIALS, "Неверный код двухфакторной защиты"),
    errors.SecondFactorExpired: (CREDENTIALS, "Код двухфакторной защиты пришёл слишком поздно"),
    errors.SecondFactorPresent: (REFUSED, "Двухфакторная защита уже включена"),
    errors.SecondFactorMissing: (REFUSED, "Двухфакторная защита не включена"),
    errors.PasswordLinkInvalid: (REFUSED, "Ссылка недействительна"),
    errors.RegistrationClosed: (REFUSED, "Регистрация закрыта"),
    errors.InviteInvalid: (REFUSED, "Приглашение недействительно"),
    errors.NickInvalid: (REFUSED, "Недопустимый логин"),
    errors.NickTaken: (REFUSED, "Логин занят"),
    errors.EmailInvalid: (REFUSED, "Недопустимый адрес почты"),
    errors.EmailTaken: (REFUSED, "Адрес почты занят"),
    errors.PhoneInvalid: (REFUSED, "Недопустимый номер телефона"),
    errors.PhoneTaken: (REFUSED, "Номер телефона занят"),
    errors.SexInvalid: (REFUSED, "Недопустимый пол"),
    errors.BirthDateInvalid: (REFUSED, "Недопустимая дата рождения"),
    errors.PasswordUnreadable: (REFUSED, "Пароль не удалось прочитать"),
    errors.PasswordTooShort: (REFUSED, lambda error: f"Пароль короче {error.min_chars} символов"),
    errors.PasswordTooLong: (REFUSED, lambda error: f"Пароль длиннее {error.max_chars} символов"),
    errors.PasswordTooCommon: (REFUSED, "Слишком простой пароль"),
    errors.AccountNotFound: (REFUSED, "Аккаунт не найден"),
    errors.RoomNotFound: (REFUSED, "Комната не найдена"),
    errors.DomainNotFound: (REFUSED, "Нет доступа к домену"),
    errors.SubdomainNotFound: (REFUSED, "Поддомен не найден"),
    errors.RecordNotFound: (REFUSED, "DNS-запись не найдена"),
    errors.ZoneStateNotFound: (REFUSED, "История зоны не доходит до этой версии"),
    errors.AppNotFound: (REFUSED, "Приложение не найдено"),
    errors.NotInRoom: (REFUSED, "Вы не в комнате"),
    errors.LineNotFound: (REFUSED, "Сообщение не найдено"),
    errors.KickNotFound: (REFUSED, "Изгнание не найдено"),
    errors.ContactNotFound: (REFUSED, "Контакт не найден"),
    errors.LetterNotFound: (REFUSED, "Письмо не найдено"),
    errors.ChallengeNotFound: (REFUSED, "Картинка не найдена"),
    errors.RegisteredOnly: (REFUSED, "Доступно только зарегистрированным"),
    errors.NotRoomAdmin: (REFUSED, "Вы не администратор комнаты"),
    errors.RoomLocked: (REFUSED, "Комната закрыта"),
    errors.RoomPasswordWrong: (REFUSED, "Неверный пароль комнаты"),
    errors.RoomNameInvalid: (REFUSED, "Недопустимое название комнаты"),
    errors.RoomNameTaken: (REFUSED, "Название комнаты занято"),
    errors.RoomDescriptionTooLong: (REFUSED, lambda error: f"Описание длиннее {error.max_chars} символов"),
    errors.KarmaTooLow: (REFUSED, "Недостаточно кармы"),
    errors.KickedOut: (REFUSED, "Вы изгнаны из комнаты"),
    errors.Silenced: (REFUSED, "Писать можно будет через минуту"),
    errors.LinksRefused: (REFUSED, "Ссылки здесь запрещены"),
    errors.MessageEmpty: (REFUSED, "Пустое сообщение"),
    errors.MessageTooLong: (REFUSED, lambda error: f"Сообщение длиннее {error.max_chars} символов"),
    errors.LetterToOneself: (REFUSED, "Нельзя писать самому себе"),
    errors.LetterRepeated: (REFUSED, "Такое письмо уже отправлено"),
    errors.NotLetterSender: (REFUSED, "Это не ваше письмо"),
    errors.LetterTooOld: (REFUSED, "Письмо уже нельзя изменить"),
    errors.ReceiverIgnored: (REFUSED, "Получатель в вашем чёрном списке"),
    errors.IgnoredByReceiver: (REFUSED, "Вы в чёрном списке получателя"),
    errors.CommandUnknown: (REFUSED, "Неизвестная команда"),
    errors.CommandIncomplete: (REFUSED, "Команда неполная"),
    errors.NickNotHere: (REFUSED, "Такого участника здесь нет"),
    errors.RankTooLow: (REFUSED, "Недостаточно прав"),
    errors.RoomReserved: (REFUSED, "Комнату открывают её администраторы"),
    errors.ReservationRefused: (REFUSED, "Комнату нельзя закрепить"),
    errors.PictureInvalid: (REFUSED, "Недопустимое изображение"),
    errors.DomainNameInvalid: (REFUSED, "Недопустимое имя домена"),
    errors.DomainTaken: (REFUSED, "Домен занят"),
    errors.DomainPresent: (REFUSED, "Домен уже на аккаунте"),
    errors.DomainUnproven: (
        REFUSED,
        lambda error: f"Подтвердите, что домен ваш: TXT-запись {error.record} со значением {error.value}",
    ),
    errors.DomainRequested: (
        REFUSED,
        lambda error: (
            f"Заявка № {error.number} ждёт решения администратора" if error.number else "Нужно решение администратора"
        ),
    ),
    errors.DomainDenied: (
        REFUSED,
        lambda error: f"Заявка № {error.number} отклонена" + (f": {error.words}" if error.words else ""),
    ),
    errors.DomainRequestsFull: (REFUSED, lambda error: f"Решения ждут уже {error.max_requests} заявок"),
    errors.DomainRequestNotFound: (REFUSED, "Заявка не найдена"),
    errors.DomainOfferNotFound: (REFUSED, "Этот домен вам не передают"),
    errors.DomainRepeated: (REFUSED, "Домен указан дважды с разными настройками"),
    errors.DirectoryInvalid: (REFUSED, "Недопустимая папка сайта"),
    errors.ZoneNotServed: (REFUSED, lambda error: f"Зона .{error.zone} не поддерживается для регистрации"),
    errors.SubdomainPresent: (REFUSED, "Поддомен уже существует"),
    errors.RedirectInvalid: (REFUSED, "Недопустимый адрес перенаправления"),
    errors.RecordRefused: (REFUSED, lambda error: RECORD_REASONS.get(error.reason, "Недопустимая DNS-запись")),
    errors.ZoneKeyNotFound: (REFUSED, "Ключ не найден"),
    errors.ZoneKeyTaken: (REFUSED, "У зоны уже есть ключ с таким именем"),
    errors.ZoneKeyRefused: (REFUSED, "Недопустимый ключ"),
    errors.OutOfScope: (REFUSED, "Ключ не даёт на это права"),
    errors.PrerequisiteFailed: (REFUSED, "Зона в другом состоянии"),
    errors.RecordMismatch: (REFUSED, "DNS-запись изменилась: на этом месте другая"),
    errors.RecordsRefused: (REFUSED, "Недопустимые DNS-записи"),
    errors.ZoneMoved: (REFUSED, "Зона тем временем изменилась"),
    errors.ZoneFull: (REFUSED, lambda error: f"В зоне не более {error.max_records} записей"),
    errors.ZoneFileInvalid: (REFUSED, "Недопустимый файл зоны"),
    errors.DomainListRefused: (REFUSED, "Домены не добавлены"),
    errors.BalanceTooLow: (REFUSED, "Недостаточно средств"),
    errors.AmountInvalid: (REFUSED, "Недопустимая сумма"),
    errors.AlreadyMoved: (REFUSED, "Этот платёж уже проведён иначе"),
    errors.InviteUsesInvalid: (REFUSED, "Недопустимое число приглашений"),
    errors.TokenNotFound: (REFUSED, "Токен не найден"),
    errors.TokenInvalid: (REFUSED, "Недопустимый токен"),
    errors.TokenTooNarrow: (REFUSED, "Токен не даёт такого права"),
    errors.AppNameInvalid: (REFUSED, "Недопустимое название приложения"),
    errors.TooOften: (
        Code.TOO_OFTEN,
        lambda error: f"Слишком много попыток. Повторите через {math.ceil(error.retry_after_s)} с",
    ),
    errors.Overloaded: (Code.BUSY, "Сервер занят. Повторите позже"),
    errors.ResolverSilent: (Code.UNAVAILABLE, "DNS не отвечает: не проверить, чей это домен. Повторите позже"),
    errors.StoreUnavailable: (Code.UNAVAILABLE, "Изменения не сохранены. Повторите позже"),
    errors.OutcomeUnknown: (
        Code.OUTCOME_UNKNOWN,
        "Неизвестно, сохранены ли изменения. Проверьте это, прежде чем повторять",
    ),
}


DETAILS: dict[type[BesedaError], str] = {
    errors.RecordNotFound: "there is no such record",
    errors.RecordMismatch: "the record there is not the one that was meant",
    errors.ZoneStateNotFound: "the history of the zone does not reach to that serial",
    errors.ZoneMoved: "the zone is not at that serial any more",
    errors.ZoneFull: "the zone has as many records as a zone may have",
}


UNDECIDED = errors.DomainTaken | errors.DomainPresent | errors.DomainUnproven | errors.DomainRequested
"""Why a domain is not on the account, or not yet."""


def answer_to(error: BesedaError) -> Fault | Extended:
    """What a client is told.

    A zone that is not served, a domain that cannot be had and a refused list are results, not errors (ExtendedResult).
    """
    if isinstance(error, errors.ZoneNotServed):
        return Extended(ExtendedResult(0, text_of(error), []))
    if isinstance(error, UNDECIDED | errors.DomainDenied):
        return Extended(ExtendedResult(0, text_of(error), _pairs(error.name, error)))
    if isinstance(error, errors.DomainListRefused):
        reasons = [pair for name, refusal in error.refusals for pair in _pairs(name, refusal)]
        texts = {text_of(refusal) for _, refusal in error.refusals}
        return Extended(ExtendedResult(0, texts.pop() if len(texts) == 1 else text_of(error), reasons))
    return Fault(ERRORS[type(error)][0], text_of(error), _detail(error) or ())


def _pairs(name: str, refusal: BesedaError) -> list[tuple[str, str]]:
    """A name and why it cannot be had; then, for programs, what would help: a record and its value, a request."""
    match refusal:
        case errors.DomainUnproven():
            return [(name, text_of(refusal)), (refusal.record, refusal.value)]
        case errors.DomainRequested() | errors.DomainDenied() if refusal.number:
            return [(name, text_of(refusal)), ("request", str(refusal.number))]
        case _:
            return [(name, text_of(refusal))]


def _detail(error: BesedaError) -> dict[str, Any]:
    """What is wrong with records, in English; of several, each by itself."""
    if isinstance(error, errors.RecordsRefused):
        details = [_detail(refusal)["detail"] for refusal in error.refusals]
        return {"detail": "; ".join(details), "details": details}
    if isinstance(error, errors.ZoneFileInvalid):
        return {"detail": f"line {error.line}: {error.detail}", "line": error.line}
    if isinstance(error, errors.RecordRefused):
        return {"detail": error.detail}
    serial = {"serial": error.serial} if isinstance(error, errors.ZoneMoved) else {}
    return {"detail": DETAILS[type(error)], **serial} if type(error) in DETAILS else {}


def text_of(error: BesedaError) -> str:
    """The text alone."""
    text = ERRORS[type(error)][1]
    return text if isinstance(text, str) else text(error)
