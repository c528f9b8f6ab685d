"""Columns of pictures."""

import pytest

pa = pytest.importorskip("pyarrow")
pq = pytest.importorskip("pyarrow.parquet")

import assay  # noqa: E402
from assay import arrow  # noqa: E402

ONLY = ["provenance"]


def pictures(gallery):
    return [open(path, "rb").read() for path in gallery]


@pytest.mark.parametrize("kind", ["binary", "large_binary", "binary_view", "struct", "chunked"])
def test_columns_of_every_kind_have_the_files_answers(gallery, kind):
    data = pictures(gallery[:4])
    expected = [assay.scan(path, only=ONLY).json for path in gallery[:4]]
    values = {
        "binary": lambda: pa.array(data, pa.binary()),
        "large_binary": lambda: pa.array(data, pa.large_binary()),
        "binary_view": lambda: pa.array(data, pa.binary_view()),
        "struct": lambda: pa.array([{"bytes": one, "path": path} for one, path in zip(data, gallery)]),
        "chunked": lambda: pa.chunked_array([data[:1], data[1:]], pa.binary()),
    }[kind]()
    with assay.Pool(2, only=ONLY) as pool:
        names = None if kind == "struct" else gallery[:4]
        scans = arrow.scan_array(values, pool=pool, names=names)
    assert [one["json"] for one in scans.to_pylist()] == expected


def test_nulls_stay_nulls(gallery):
    data = pictures(gallery[:1])
    with assay.Pool(1, only=ONLY) as pool:
        scans = arrow.scan_array(pa.array([None, data[0], None, b""], pa.binary()), pool=pool).to_pylist()
        assert [one and one["outcome"] for one in scans][0::2] == [None, None]
        assert scans[1]["file"] == "row 1" and scans[3]["error_code"] == "format.empty"
        structs = pa.array([{"bytes": None, "path": "/etc/passwd"}, None, {"bytes": data[0], "path": None}])
        scans = arrow.scan_array(structs, pool=pool).to_pylist()
        # A path in the data is a name, and is never opened.
        assert scans[0] is None and scans[1] is None and scans[2]["file"] == "row 2"
        assert arrow.scan_array(pa.array([], pa.binary()), pool=pool).to_pylist() == []


@pytest.mark.parametrize(
    "kind", [pa.string(), pa.int64(), pa.struct([("path", pa.string())]), pa.list_(pa.binary()), pa.null()]
)
def test_columns_of_other_types_are_refused(kind, tmp_path):
    table = pa.table({"image": pa.array([], kind), "id": pa.array([], pa.int64())})
    with pytest.raises(assay.AssayError, match="holds no pictures") as error:
        arrow.scan_table(table, "image")
    assert error.value.code == "column.type"
    pq.write_table(table, tmp_path / "in.parquet")
    with pytest.raises(assay.AssayError):
        arrow.scan_parquet(tmp_path / "in.parquet", tmp_path / "out.parquet")
    assert not (tmp_path / "out.parquet").exists()
    with pytest.raises(assay.AssayError, match="no column"):
        arrow.scan_table(table, "picture")


def test_a_parquet_file_gives_another(gallery, tmp_path):
    data = pictures(gallery)
    table = pa.table(
        {
            "id": list(range(len(data))),
            "image": [{"bytes": one, "path": path} for one, path in zip(data, gallery)],
            "name": gallery,
        }
    )
    pq.write_table(table, tmp_path / "in.parquet", row_group_size=7)
    rows = arrow.scan_parquet(
        tmp_path / "in.parquet", tmp_path / "out.parquet", keep=["id"], names="name", only=ONLY, batch_size=5
    )
    out = pq.read_table(tmp_path / "out.parquet")
    assert rows == len(data) and out.schema.names == ["id", "scan"]
    assert out["id"].to_pylist() == list(range(len(data)))
    expected = [one.json for one in assay.scan_many(gallery, only=ONLY)]
    assert [one["json"] for one in out["scan"].to_pylist()] == expected


def test_batches_of_every_make_come_in_order(gallery):
    data = pictures(gallery[:2])
    batches = [
        pa.record_batch({"image": pa.array(one, pa.binary()), "id": pa.array(range(len(one)))})
        for one in ([None], data, [], [None, data[0]], [data[1], None, None], [None])
    ]
    with assay.Pool(2, only=ONLY) as pool:
        got = list(arrow.scan_batches(iter(batches), "image", pool=pool))
        assert [one for one, _ in got] == batches
        outcomes = [[scan and scan["file"] for scan in scans.to_pylist()] for _, scans in got]
        none = list(arrow.scan_batches(iter([]), "image", pool=pool))
    assert outcomes == [[None], ["row 1", "row 2"], [], [None, "row 4"], ["row 5", None, None], [None]]
    assert none == []


def test_pandas(gallery):
    pd = pytest.importorskip("pandas")
    from assay.pandas import scan_series

    data = pictures(gallery[:1])
    series = pd.Series([gallery[0], data[0], None, {"bytes": data[0], "path": "p"}], index=list("wxyz"))
    frame = scan_series(series, only=ONLY, workers=1)
    assert list(frame.index) == list("wxyz")
    assert frame.loc["w", "sha256"] == frame.loc["x", "sha256"] == frame.loc["z", "sha256"]
    assert frame.loc["z", "file"] == "p" and frame.loc["y"].isna().all()
