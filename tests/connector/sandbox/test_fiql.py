import pytest

from connector.sandbox.fiql import BadFilter, parse

CHANNEL = {"name": "Bank chat", "type": "ChatAPI", "routingOptions": {"id": "101"}, "size": None}


@pytest.mark.parametrize(
    ("text", "holds"),
    [
        ("name==Bank chat", True),
        ("name==bank chat", False),
        ("name==Bank*", True),
        ("name==B?nk chat", False),
        ("name!=Bank*", False),
        ("routingOptions.id==101", True),
        ("name=='Bank chat';type==SMS", False),
        ("type==SMS,routingOptions.id==101", True),
        ("type==SMS,(name==Bank*;type==ChatAPI)", True),
        ("name==x;type==SMS,type==ChatAPI", True),
        ("name==x;(type==SMS,type==ChatAPI)", False),
        ("name=gt=Aaa;name=lt=Caa", True),
        ("nothing==", True),
    ],
)
def test_filters_hold_as_fiql_says(text, holds):
    assert parse(text)(CHANNEL) is holds


@pytest.mark.parametrize("text", ["name", "name==x)", "(name==x", "name=like=x", ";", "name==x;"])
def test_a_filter_that_cannot_be_read_is_an_error(text):
    with pytest.raises(BadFilter):
        parse(text)
