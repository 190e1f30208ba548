"""What the pages say, in the languages of the members."""

from beseda.domain.errors import BesedaError, leaves

TEXTS = {
    "en": {
        "title": "Become a member",
        "nick": "Nick",
        "nick_hint": "3 to 15 characters",
        "password": "Password",
        "password_hint": "at least 8 characters, 15 are better",
        "email": "E-mail (optional)",
        "phone": "Phone (optional)",
        "sex": "I am",
        "unsaid": "not saying",
        "man": "a man",
        "woman": "a woman",
        "birth_date": "Born on (optional)",
        "age_public": "Others may see my age",
        "invite": "Invitation code (if you were given one)",
        "submit": "Register",
        "done": "Welcome! You can sign in now.",
        "sign_in": "Sign in",
        "refused": "That did not work. Please look at what you have filled in.",
    },
    "cs": {
        "title": "Registrace",
        "nick": "Přezdívka",
        "nick_hint": "3 až 15 znaků",
        "password": "Heslo",
        "password_hint": "aspoň 8 znaků, lépe 15",
        "email": "E-mail (nepovinný)",
        "phone": "Telefon (nepovinný)",
        "sex": "Jsem",
        "unsaid": "neuvádím",
        "man": "muž",
        "woman": "žena",
        "birth_date": "Datum narození (nepovinné)",
        "age_public": "Ostatní mohou vidět můj věk",
        "invite": "Kód pozvánky (pokud ho máte)",
        "submit": "Zaregistrovat",
        "done": "Vítejte! Teď se můžete přihlásit.",
        "sign_in": "Přihlásit se",
        "refused": "Nepodařilo se. Zkontrolujte prosím, co jste vyplnili.",
    },
    "ru": {
        "title": "Регистрация",
        "nick": "Ник",
        "nick_hint": "от 3 до 15 символов",
        "password": "Пароль",
        "password_hint": "не меньше 8 символов, лучше 15",
        "email": "E-mail (необязательно)",
        "phone": "Телефон (необязательно)",
        "sex": "Я",
        "unsaid": "не скажу",
        "man": "мужчина",
        "woman": "женщина",
        "birth_date": "Дата рождения (необязательно)",
        "age_public": "Другие могут видеть мой возраст",
        "invite": "Код приглашения (если он есть)",
        "submit": "Зарегистрироваться",
        "done": "Добро пожаловать! Теперь можно войти.",
        "sign_in": "Войти",
        "refused": "Не получилось. Проверьте, пожалуйста, что вы заполнили.",
    },
}

REFUSALS = {
    "registration_closed": (
        "Registration is closed.",
        "Registrace je uzavřená.",
        "Регистрация закрыта.",
    ),
    "invite_invalid": (
        "This invitation code is not valid.",
        "Tento kód pozvánky neplatí.",
        "Этот код приглашения недействителен.",
    ),
    "nick_invalid": (
        "This nick cannot be used: 3 to 15 letters or digits of one alphabet.",
        "Tuto přezdívku nelze použít: 3 až 15 písmen nebo číslic jedné abecedy.",
        "Такой ник нельзя использовать: от 3 до 15 букв или цифр одного алфавита.",
    ),
    "nick_taken": ("This nick is taken.", "Tato přezdívka je obsazená.", "Этот ник занят."),
    "email_invalid": ("This is no e-mail address.", "Toto není e-mailová adresa.", "Это не адрес e-mail."),
    "email_taken": ("This e-mail is in use.", "Tento e-mail už někdo používá.", "Этот e-mail уже используется."),
    "phone_invalid": (
        "This is no phone number. It begins with + and the code of its country.",
        "Toto není telefonní číslo. Začíná znakem + a předvolbou země.",
        "Это не номер телефона. Он начинается с + и кода страны.",
    ),
    "phone_taken": ("This phone is in use.", "Tento telefon už někdo používá.", "Этот телефон уже используется."),
    "sex_invalid": (
        "One is a man, a woman, or does not say.",
        "Vyberte muž, žena, nebo nic.",
        "Выберите: мужчина, женщина или ничего.",
    ),
    "birth_date_invalid": (
        "Nobody alive was born on such a day.",
        "V takový den se nikdo z žijících nenarodil.",
        "В такой день никто из живущих не родился.",
    ),
    "password_unreadable": (
        "The password has characters that could not be read.",
        "Heslo obsahuje znaky, které se nepodařilo přečíst.",
        "В пароле есть символы, которые не удалось прочитать.",
    ),
    "password_too_short": (
        "The password is too short.",
        "Heslo je příliš krátké.",
        "Пароль слишком короткий.",
    ),
    "password_too_long": ("The password is too long.", "Heslo je příliš dlouhé.", "Пароль слишком длинный."),
    "password_too_common": (
        "This password is one of those that are tried first.",
        "Toto heslo patří k těm, která se zkoušejí nejdřív.",
        "Этот пароль из тех, которые пробуют первыми.",
    ),
    "too_often": (
        "Too many attempts. Please try again later.",
        "Příliš mnoho pokusů. Zkuste to prosím později.",
        "Слишком много попыток. Попробуйте позже.",
    ),
    "overloaded": (
        "The server is busy. Please try again in a moment.",
        "Server je zaneprázdněn. Zkuste to prosím za chvíli.",
        "Сервер занят. Попробуйте через минуту.",
    ),
    "store_unavailable": (
        "The server cannot keep anything just now. Please try again later.",
        "Server teď nemůže nic uložit. Zkuste to prosím později.",
        "Сервер сейчас не может ничего сохранить. Попробуйте позже.",
    ),
    "outcome_unknown": (
        "The server cannot tell whether this was kept. Please look before you do it again.",
        "Server neví, jestli se to uložilo. Než to uděláte znovu, podívejte se.",
        "Сервер не знает, сохранилось ли это. Проверьте, прежде чем повторять.",
    ),
}

ERRORS: dict[type[BesedaError], tuple[str, str, str]] = {
    leaf: REFUSALS.get(leaf.code, (TEXTS["en"]["refused"], TEXTS["cs"]["refused"], TEXTS["ru"]["refused"]))
    for leaf in leaves()
}
"""What a refusal says in English, Czech and Russian."""
LANGUAGES = ("en", "cs", "ru")


def language(accept: str) -> str:
    """The first language of an Accept-Language header that the pages have; Slovaks read Czech."""
    for part in accept.lower().split(","):
        code = part.split(";")[0].strip()[:2].replace("sk", "cs")
        if code in TEXTS:
            return code
    return "en"
