from dataclasses import dataclass

from rest_framework import serializers

from common.serializers import CamelCaseSerializer


@dataclass(frozen=True, slots=True)
class Person:
    first_name: str
    last_name: str = ""
    phone: str | None = None
    visits: int = 0


class PersonDto(CamelCaseSerializer):
    given_name = serializers.CharField(source="first_name")
    last_name = serializers.CharField()
    phone = serializers.CharField(required=False)
    visits = serializers.IntegerField(required=False)


class FamilyDto(CamelCaseSerializer):
    all_members = PersonDto(many=True)


def test_names_are_camel_case_outside_and_snake_case_inside() -> None:
    body = {"givenName": "Ada", "lastName": "King", "phone": "79131234567", "visits": 2}
    read = PersonDto(data=body)

    assert read.is_valid(raise_exception=True)

    assert PersonDto.body_of(Person("Ada", "King", "79131234567", 2)) == body
    assert read.validated_data == {
        "first_name": "Ada",
        "last_name": "King",
        "phone": "79131234567",
        "visits": 2,
    }


def test_errors_are_named_as_the_contract_names_the_field() -> None:
    family = FamilyDto(data={"allMembers": [{"last_name": "King"}]})

    assert not family.is_valid()

    assert list(family.errors["allMembers"][0]) == ["givenName", "lastName"]


def test_what_is_unknown_is_left_out_and_what_is_required_never() -> None:
    assert FamilyDto.body_of({"all_members": [Person("Ada")]}) == {
        "allMembers": [{"givenName": "Ada", "lastName": "", "visits": 0}]
    }
