"""What invented customers are called and what they say to the bot."""

from __future__ import annotations

GIVEN = (
    "Ada", "Amir", "Bruno", "Camille", "Dara", "Edith", "Farid", "Greta", "Hiro", "Ines", "Jamal",
    "Katya", "Leon", "Mina", "Nils", "Olga", "Paolo", "Quinn", "Rosa", "Stefan", "Tessa", "Umar",
    "Vera", "Wanda", "Xavier", "Yara", "Zoltan", "Maeve", "Kofi", "Lin",
)  # fmt: skip
FAMILY = (
    "Abbott", "Bianchi", "Castell", "Dahl", "Eriksen", "Fontaine", "Garrido", "Hollis", "Ibrahim",
    "Jansen", "Kovacs", "Larkin", "Mensah", "Novotny", "Okafor", "Pereira", "Quist", "Rahman",
    "Silva", "Tanaka", "Ueda", "Varga", "Whitlock", "Yilmaz", "Zeller", "Marsh", "Oduya", "Brandt",
)  # fmt: skip
STREETS = ("Mill Lane", "Harbour Road", "Elm Street", "Station Road", "Orchard Way", "Quay Street")
REASONS = ("damaged", "worn out", "name changed", "chip does not work")

OPENING = ("Hello", "Hi there", "Good day", "Hi, I need some help")
BOT_OPENING = "Welcome. What can I do for you?"
BOT_ASKS = "I can help with that. Could you tell me a little more?"
BOT_HANDS_OFF = "One moment, I am connecting you with a colleague."
CLOSING = (
    "I would rather talk to a person.",
    "Can I speak to someone please?",
    "An agent, please.",
)

# `{name}` and the like are filled with the variable of that name when the bot has it.
REQUESTS: dict[str, tuple[str, ...]] = {
    "reportlostcard": (
        "I lost my card, it ends in {card_number}.",
        "My wallet is gone and my card {card_number} with it.",
    ),
    "replacecard": (
        "I need a new card for {card_number}, it is {replacement_reason}.",
        "My card {card_number} has to be replaced.",
    ),
    "disputecharge": (
        "There is a charge of {charge_amount} from {charge_date} that is not mine.",
        "I did not buy that: {charge_amount}, booked on {charge_date}.",
    ),
    "transfermoney": (
        "I want to send {transferamount} to account {target_account_number}.",
        "My transfer of {transferamount} does not go through.",
    ),
    "checkbalance": (
        "What is left on account {account_number}?",
        "The balance of {account_number} looks wrong to me.",
    ),
    "updateaddress": (
        "We moved. Our new address is {address}.",
        "Please change my address to {address}.",
    ),
    "openaccount": ("I would like to open an account.", "How do I get a savings account?"),
    "closeaccount": ("Please close my account.", "I am leaving the bank and want to close up."),
    "orderchecks": ("I ran out of checks.", "Could you send me a new check book?"),
    "getroutingnumber": ("What is your routing number?", "Which number do I give for a wire?"),
    "checkoffereligibility": (
        "Do I qualify for the bonus offer?",
        "You wrote to me about a better rate.",
    ),
    "spanish_support": (
        "Necesito ayuda con mi cuenta, por favor.",
        "¿Puedo hablar con alguien en español?",
    ),
}

ANYTHING = ("It is a bit complicated.", "That is not what I meant.", "Something else.")

# Customer and bot in turn; the request comes after the first two.
SPANISH_TALK = (
    "Hola, buenos días",
    "Bienvenido. ¿En qué puedo ayudarle?",
    "Claro. ¿Puede darme algún detalle más?",
    "Prefiero hablar con una persona.",
    "Un momento, le paso con un compañero.",
)
AFTER_JOINING = ("Thanks for taking this.", "Hello, I am still here.", "Great, a person.")
AFTER_JOINING_SPANISH = ("Gracias por atenderme.", "Hola, sigo aquí.")
