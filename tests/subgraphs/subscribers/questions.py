"""The operations the tests send."""

from typing import Any

SUBSCRIBE = """
mutation ($input: SubscribeInput!) {
  subscribe(input: $input) {
    subscriber { id name email status typedAddress { name address postalCode city region country }
      address { id } matchTask { id } createdAt updatedAt }
    matchTask { id }
    problems { field code message }
  }
}
"""
CHANGE_ADDRESS = """
mutation ($input: ChangeAddressInput!) {
  changeAddress(input: $input) {
    subscriber { id typedAddress { address city } address { id } matchTask { id } }
    matchTask { id }
    problems { field code message }
  }
}
"""
UNSUBSCRIBE = "mutation ($id: ID!) { unsubscribe(id: $id) { subscriber { id status } problems { field code } } }"


def ada(**changes: Any) -> dict[str, Any]:
    """An input nothing is wrong with, but for these changes; ``address__city`` changes the address."""
    address = {"address": "12 rue des Lilas", "postalCode": "76000", "city": "Rouen", "country": "FR"}
    address |= {name.removeprefix("address__"): value for name, value in changes.items() if "__" in name}
    others = {name: value for name, value in changes.items() if "__" not in name}
    return {"name": "Ada Lovelace", "email": "ada@example.org", "address": address, **others}
