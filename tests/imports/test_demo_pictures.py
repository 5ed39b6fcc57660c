"""The pictures of the demo shop."""

from xml.etree import ElementTree

from torg.imports.demo.pictures import VIEWS, draw, picture_name, write_pictures
from torg.imports.demo.shapes import SHAPES
from torg.imports.demo.vocabulary import COLOURS, DEPARTMENTS

KINDS = [
    kind
    for department in DEPARTMENTS
    for group in department.groups
    for shelf in group.shelves
    for kind in shelf.kinds
]


def test_every_kind_has_a_shape_and_every_shape_a_kind():
    assert sorted(kind.shape for kind in KINDS) == sorted(SHAPES)


def test_every_picture_is_well_formed_small_and_uses_no_scripts():
    for kind in KINDS:
        for view in VIEWS:
            svg = draw(kind.shape, kind.colours[0], view)
            root = ElementTree.fromstring(svg)
            assert root.tag == "{http://www.w3.org/2000/svg}svg"
            assert len(svg) < 5000
            assert "script" not in svg
            assert "href" not in svg
            assert "$" not in svg


def test_pictures_of_two_colours_and_of_two_views_differ():
    assert draw("mug", "Moss") != draw("mug", "Clay")
    assert len({draw("mug", "Moss", view) for view in VIEWS}) == 3


def test_writing_again_replaces_the_same_files(tmp_path):
    count = write_pictures(tmp_path)
    (tmp_path / picture_name("mug", "Moss")).write_text("spoiled")

    assert write_pictures(tmp_path) == count == len(list((tmp_path / "demo").iterdir()))
    assert (tmp_path / "demo/mug-moss.svg").read_text() == draw("mug", "Moss")


def test_words_are_complete_and_distinct():
    codes = [kind.code for kind in KINDS]
    assert len(set(codes)) == len(codes)
    for kind in KINDS:
        assert len(set(kind.makes)) == len(set(kind.colours)) == 8
        assert set(kind.colours) <= set(COLOURS)
        assert len(kind.sizes) in {0, 3}
    for department in DEPARTMENTS:
        assert len(set(department.brands)) == 10
    names = [f"{make} {kind.noun}" for kind in KINDS for make in kind.makes]
    assert len(set(names)) == len(names)
