"""Files as users have them: sixty cells in every shape that has spoiled somebody's analysis, each made by a function.

What is right for each is said where it is made: the cells and genes that must come out, or a part of the sentence that
must be said.
"""

import gzip
import re
from pathlib import Path

import anndata as ad
import h5py
import numpy as np
import pandas as pd
from scipy import io, sparse

from zslib.datasets.genes import pairs

N, GENES = 60, 40
FILES = {}
"""What each file is called: how it is made, and what is right."""
KNOWN = pairs().iloc[3000 : 3000 + GENES].drop_duplicates("symbol")


def plain() -> ad.AnnData:
    """Raw counts in X, symbols, three types of twenty cells in two batches."""
    rng = np.random.default_rng(0)
    counts = sparse.csr_matrix(rng.poisson(2.0, (N, len(KNOWN))).astype(np.float32))
    obs = pd.DataFrame({"type": np.repeat(["B cell", "T cell", "NK"], 20), "donor": ["d1", "d2"] * 30})
    obs.index = [f"cell{i}" for i in range(N)]
    return ad.AnnData(counts, obs=obs, var=pd.DataFrame(index=KNOWN["symbol"].to_numpy(object)))


def lognorm(X):
    X = sparse.csr_matrix(X, dtype=np.float64)
    X = sparse.csr_matrix(sparse.diags(1e4 / np.asarray(X.sum(1)).ravel()) @ X)
    X.data = np.log1p(X.data)
    return sparse.csr_matrix(X, dtype=np.float32)


def case(name=None, *, same=False, cells=None, says="", refused="", suffix=".h5ad"):
    """Enter a file: ``same`` as the plain one, with so many `cells`, or `refused`; what is said of it holds `says`."""

    def enter(make):
        FILES[name or make.__name__] = (make, suffix, same, cells, says, refused)
        return make

    return enter


def adata_case(name, change, **right):
    """Enter a file that is the plain one with a change."""

    def make(path):
        changed = change(adata := plain())
        (adata if changed is None else changed).write_h5ad(path)

    case(name, **right)(make)


def column(name, values):
    """Set a column of obs to values, or to what a function of the table gives."""
    return lambda a: a.obs.__setitem__(name, values(a.obs) if callable(values) else values)


def labelled(change):
    """Change the labels of some cells, as text by number of the cell."""

    def make(a):
        label = a.obs["type"].astype(object).to_numpy()
        for cell, value in change.items():
            label[cell] = value
        a.obs["type"] = label

    return make


def value(row, what, place="X"):
    """Set the first stored value of a row."""

    def make(a):
        X = a.X.astype(np.float64)
        X.data[X.indptr[row]] = what
        a.X = X

    return make


def every(said):
    """A pattern of what holds all of these, in any order."""
    return "".join(f"(?=.*{one})" for one in said)


# Where counts lie


def in_raw(a):
    a.raw = a.copy()
    a.X = lognorm(a.X)


def counts_layer(a):
    a.layers["counts"], a.X = a.X, lognorm(a.X)


def other_layer(a):
    a.layers["umi"], a.X = a.X, lognorm(a.X)


def no_x(a):
    return ad.AnnData(obs=a.obs, var=a.var, layers={"counts": a.X})


def no_x_raw(a):
    b = ad.AnnData(obs=a.obs, var=a.var)
    b.raw = a
    return b


def no_x_other_layer(a):
    return ad.AnnData(obs=a.obs, var=a.var, layers={"raw_counts": a.X})


def decimal_layer(a):
    a.layers["counts"] = a.X * 0.93


def raw_of_more_genes(a):
    return ad.AnnData(lognorm(a.X)[:, :10], obs=a.obs, var=a.var[:10], raw={"X": a.X, "var": a.var})


def late_library(a):
    X = a.X.toarray()
    X[40:] = lognorm(a.X).toarray()[40:]
    a.X = sparse.csr_matrix(X)


adata_case("plain", lambda a: None, same=True)
adata_case(
    "raw", in_raw, same=True, says="counts are those of raw/X; X holds log-normalized to 10,000 a cell"
)
adata_case("counts layer", counts_layer, same=True)
adata_case("layer of another name", other_layer, refused="seem to be in layers/umi")
adata_case("no X, counts layer", no_x, same=True)
adata_case("no X, raw", no_x_raw, same=True, says="those of raw/X")
adata_case("no X, layer of another name", no_x_other_layer, refused="seem to be in layers/raw_counts: write")
adata_case(
    "decimals in the counts layer", decimal_layer, same=True, says="layers/counts holds numbers that are not"
)
adata_case("raw holds more genes", raw_of_more_genes, same=True, says="those of raw/X")
adata_case(
    "nothing at all", lambda a: ad.AnnData(obs=a.obs, var=a.var), refused="neither X nor layers/counts"
)
adata_case("only zeros", lambda a: setattr(a, "X", a.X * 0), refused="nothing but zeros")

# What counts are

adata_case(
    "log-normalized", lambda a: setattr(a, "X", lognorm(a.X)), refused="log-normalized to 10,000 a cell"
)
adata_case("a later library log-normalized", late_library, refused="in row 40, cell 'cell40', gene")
adata_case("a decimal", value(57, 2.5), refused=r"in row 57, cell 'cell57', gene '\S+' is 2.5")
adata_case("a negative value", value(3, -1), refused="background was subtracted")
adata_case("NaN", value(3, np.nan), refused="missing or infinite")
adata_case("infinity", value(3, np.inf), refused="missing or infinite")
adata_case("more than single precision holds", value(3, 3e7 + 1), refused="no cell has molecules for")
adata_case(
    "normalized, no logarithm",
    lambda a: setattr(a, "X", sparse.csr_matrix(np.expm1(lognorm(a.X).toarray()))),
    refused="normalized to 10,000 a cell",
)
adata_case(
    "normalized and rounded",
    lambda a: setattr(a, "X", sparse.csr_matrix(np.rint(np.expm1(lognorm(a.X).toarray())))),
    cells=60,
    says="normalized and rounded",
)
adata_case(
    "presence alone",
    lambda a: setattr(a, "X", (a.X > 0).astype(np.float32)),
    cells=60,
    says="presence all that is known",
)
adata_case("bool", lambda a: setattr(a, "X", a.X > 0), cells=60, says="presence all that is known")

# How a matrix is stored


def backwards(a):
    X = a.X
    for row in range(N):
        part = slice(X.indptr[row], X.indptr[row + 1])
        X.indices[part], X.data[part] = X.indices[part][::-1].copy(), X.data[part][::-1].copy()
    X.has_sorted_indices = False


def stored_zeros(a):
    X = a.X
    ends = [*X.indptr[:-1], X.indptr[-1] + 2]
    free = np.setdiff1d(np.arange(len(KNOWN)), X.indices[X.indptr[-2] :])[:2]
    a.X = sparse.csr_matrix((np.r_[X.data, 0, 0], np.r_[X.indices, free], ends), X.shape)


adata_case("dense", lambda a: setattr(a, "X", a.X.toarray()), same=True)
adata_case("dense integers", lambda a: setattr(a, "X", a.X.toarray().astype(np.int64)), same=True)
adata_case("dense by columns", lambda a: setattr(a, "X", np.asfortranarray(a.X.toarray())), same=True)
adata_case("by columns", lambda a: setattr(a, "X", a.X.tocsc()), same=True)
adata_case("half precision", lambda a: setattr(a, "X", a.X.toarray().astype(np.float16)), same=True)
adata_case("small integers", lambda a: setattr(a, "X", a.X.astype(np.uint16)), same=True)
adata_case("unsorted", backwards, same=True)
adata_case("zeros that are stored", stored_zeros, same=True)


def by_columns_beside_raw(a):
    in_raw(a)
    a.X = a.X.tocsc()


adata_case("normalized by columns beside raw", by_columns_beside_raw, same=True, says="those of raw/X")

# Cells


def repeated_names(a):
    a.obs_names = [f"cell{i % 30}" for i in range(N)]


def empty_cells(a):
    X = a.X.toarray()
    X[[4, 50]] = 0
    a.X = sparse.csr_matrix(X)


adata_case("empty cells", empty_cells, cells=58, says="2 cells without counts, first 'cell4'")
adata_case(
    "names of cells repeated", repeated_names, cells=60, says="30 names of cells occur again, first 'cell0'"
)
adata_case("no cell", lambda a: a[:0].copy(), refused="holds no cells")
adata_case("genes as rows", lambda a: a.T.copy(), refused="has genes as rows, such as .* Transpose it")

# Labels and batches

adata_case(
    "missing label", labelled({5: None}), cells=59, says="1 cells whose type is 'no label', first 'cell5'"
)
adata_case(
    "empty label",
    labelled({5: "", 6: "  "}),
    cells=58,
    says="2 cells whose type is 'no label', first 'cell5'",
)
WORDS = [
    "unknown", "nan", "Unassigned", "Doublet", "N/A", ".", "not_assigned", "Low quality", "-", "?", "low-quality", "#N/A",
    "unk", "Unknown cells", "NotAssigned", "Doublet?", "doublets", "ambiguous", "filtered", "NA", "n/a", "Unclassified",
    "<NA>", "None", "Unknown cell-type", "UNASSIGNED ",
]  # fmt: skip
adata_case(
    "labels that say not known",
    labelled(dict(enumerate(WORDS, 5))),
    cells=60 - len(WORDS),
    says=every(
        f"1 cells whose type is '{re.escape(w.strip())}', first 'cell{i}'" for i, w in enumerate(WORDS, 5)
    ),
)
WORDS = ["Unknown_1", "T cell doublets", "unk2", "Other", "Mixed", "Undefined lymphocytes"]
adata_case(
    "labels that may say not known",
    column("type", np.repeat(WORDS, 10)),
    cells=60,
    says=every(re.escape(f"note: type '{w}' (10 cells): is it a type? If not, leave these") for w in WORDS),
)
WORDS = [
    "Unipolar brush cell",
    "NaT1 neuron",
    "Null cell",
    "Mixed lineage",
    "CD4+",
    "+",
    "Nonclassical monocyte",
]
adata_case("types called like them", column("type", np.resize(WORDS, 60)), cells=60)
codes = np.repeat([-1, 0, 1], [6, 26, 28])
for name, values in (
    ("integers", codes),
    ("decimals", codes.astype(float)),
    ("text", codes.astype(str)),
    ("categories", pd.Categorical(codes.astype(float))),
):
    said = "6 cells whose type is '-1', first 'cell0'"
    adata_case(f"codes as {name} with -1 for none", column("type", values), cells=54, says=said)
adata_case("two classes called -1 and 1", column("type", np.repeat([-1, 1], 30)), cells=60)
adata_case(
    "every label unknown",
    column("type", "unknown"),
    refused="No cell of awkward is left: .*60 cells whose type",
)
adata_case(
    "trailing blanks",
    column("type", lambda o: [t + " " * (i % 3) for i, t in enumerate(o["type"])]),
    same=True,
)
adata_case("two blanks", labelled(dict.fromkeys(range(5), "B  cell")), same=True)
adata_case(
    "two spellings",
    labelled(dict.fromkeys(range(10), "b-cells")),
    cells=60,
    says=r"type spells '(B cell|b-cells)' \(10 cells\), '(B cell|b-cells)' \(10 cells\): are these one",
)
adata_case("numbers of clusters", column("type", np.repeat([0, 1, 2], 20)), cells=60)
adata_case(
    "clusters with a gap",
    column("type", np.r_[np.nan, np.repeat([0.0, 1.0, 2.0], 20)[1:]]),
    cells=59,
    says="1 cells",
)
adata_case("bool labels", column("type", np.arange(N) % 2 == 0), cells=60)
adata_case(
    "a label a cell", column("type", [f"t{i}" for i in range(N)]), refused="holds 60 types of 60 cells"
)
adata_case(
    "slash in labels", column("type", lambda o: o["type"].str.replace("B", "B/Plasma", regex=False)), cells=60
)
adata_case(
    "missing batch",
    column("donor", [None, *["d1", "d2"] * 29, "d1"]),
    refused="missing for 1 cells, first 'cell0'",
)
adata_case(
    "empty batch", column("donor", ["d1"] * 58 + ["", " "]), refused="missing for 2 cells, first 'cell58'"
)
adata_case(
    "codes of batches with -1 for none", column("donor", codes), refused="missing for 6 cells, first 'cell0'"
)
WORDS = ["None", "unknown", "NA"]
says = every(re.escape(f"donor '{w}' (20 cells): is it a batch?") for w in WORDS)
adata_case("batches called not known", column("donor", np.repeat(WORDS, 20)), cells=60, says=says)
missing = column("donor", ["d1"] * 58 + ["nan", "<NA>"])
adata_case("batches that are missing as text", missing, refused="missing for 2 cells, first 'cell58'")
adata_case(
    "a batch a cell", column("donor", [f"d{i}" for i in range(N)]), cells=60, says="60 batches for 60 cells"
)
adata_case(
    "no such column",
    lambda a: a.obs.pop("type") is None or None,
    refused="names the obs column 'type', but the data",
)
adata_case("nullable text", column("type", lambda o: pd.array(o["type"], dtype="string")), same=True)
adata_case("unused categories", lambda a: a[a.obs["type"].astype("category") != "NK"].copy(), cells=40)

# Columns that nobody asked for

adata_case("dates", column("when", [f"2020-01-{i % 28 + 1}" for i in range(N)]), same=True)
adata_case("intervals as text", column("bin", lambda o: pd.cut(np.arange(N), 5).astype(str)), same=True)
adata_case("nullable numbers", column("age", pd.array([None, *range(N - 1)], dtype="Int64")), same=True)
adata_case("nullable bools", column("smoker", pd.array([None, True] * 30, dtype="boolean")), same=True)
adata_case("a column called batch", column("batch", "lane1"), same=True)
adata_case("a column called label", column("label", "unknown"), same=True)


@case(same=True)
def a_column_that_cannot_be_read(path):
    plain().write_h5ad(path)
    with h5py.File(path, "r+") as file:
        file["obs"].create_group("odd").attrs["encoding-type"] = "of-the-future"
        file["obs"].attrs["column-order"] = ["type", "donor", "odd"]


@case(same=True, says="those of raw/X")
def index_left_by_a_converter(path):
    a = plain()
    in_raw(a)
    a.raw.var["features"] = a.raw.var_names
    a.write_h5ad(path)
    with h5py.File(path, "r+") as file:
        table = file["raw/var"]
        names = table[table.attrs["_index"]][:]
        table.move("_index", "index")
        table.attrs["_index"] = "index"
        left = table.create_dataset("_index", data=names, dtype=h5py.string_dtype())
        left.attrs.update({"encoding-type": "string-array", "encoding-version": "0.2.0"})
        table.attrs["column-order"] = np.array(["_index", "features"], dtype=h5py.string_dtype())


# Genes


def by_ids(**columns):
    """Ensembl ids as names, and other columns."""

    def make(a):
        a.var = pd.DataFrame(
            {name: make() for name, make in columns.items()}, index=KNOWN.index.to_numpy(object)
        )

    return make


def symbols():
    return KNOWN["symbol"].to_numpy(object)


def with_names(*names):
    """Features more, of these names."""

    def make(a):
        more = sparse.csr_matrix(np.full((N, len(names)), 9, np.float32))
        counts = sparse.hstack([a.X, more], format="csr")
        return ad.AnnData(counts, obs=a.obs, var=pd.DataFrame(index=[*a.var_names, *names]))

    return make


def with_features(kind, column="feature_types", gene="Gene Expression"):
    """Five features more that are no genes."""

    def make(a):
        b = with_names(*(f"CD{i}" for i in range(2000, 2005)))(a)
        b.var[column] = [gene] * a.n_vars + [kind] * 5
        return b

    return make


def twice(a):
    """The first gene's counts in two columns."""
    X = a.X.toarray()
    half = np.floor(X[:, :1] / 2)
    X = np.hstack([X - np.pad(half, ((0, 0), (0, X.shape[1] - 1))), half])
    var = pd.DataFrame(
        {"gene_symbols": [*a.var_names, a.var_names[0]]}, index=[f"g{i}" for i in range(X.shape[1])]
    )
    return ad.AnnData(sparse.csr_matrix(X), obs=a.obs, var=var)


def twice_by_name(a):
    b = twice(a)
    b.var_names = b.var.pop("gene_symbols")
    return b


def made_unique(join):
    """The first gene's counts in three columns, of names that anndata or R made unique."""

    def make(a):
        X = a.X.toarray()
        part = np.floor(X[:, :1] / 3)
        X = np.hstack([X - np.pad(2 * part, ((0, 0), (0, X.shape[1] - 1))), part, part])
        b = ad.AnnData(sparse.csr_matrix(X), obs=a.obs)
        b.var_names = [*a.var_names, *[a.var_names[0]] * 2]
        b.var_names_make_unique(join)
        return b

    return make


def nameless(a):
    b = ad.AnnData(sparse.hstack([a.X, a.X[:, :1]], format="csr"), obs=a.obs)
    b.var["symbol"] = [*a.var_names, None]
    return b


adata_case(
    "CELLxGENE", by_ids(feature_name=symbols), same=True, says="symbols are those of var.'feature_name'"
)
adata_case("Ensembl ids", by_ids(), same=True, says="symbols of 40 genes are those of their Ensembl ids")
adata_case(
    "Ensembl ids with versions",
    lambda a: setattr(a, "var_names", [f"{i}.{k % 9 + 1}" for k, i in enumerate(KNOWN.index)]),
    same=True,
    says="symbols of 40 genes",
)
for name in ("gene_symbols", "Gene_Symbol"):
    adata_case(f"symbols in {name}", by_ids(**{name: symbols}), same=True, says="symbols are those of var")
adata_case(
    "ids in gene_ids", lambda a: a.var.__setitem__("gene_ids", KNOWN.index.to_numpy(object)), same=True
)
adata_case(
    "symbols with the id of a double",
    by_ids(feature_name=lambda: [f"{s}_{i}" for i, s in KNOWN["symbol"].items()]),
    same=True,
    says="symbols are those of var",
)
for name, kind, place, gene in (
    ("antibodies", "Antibody Capture", "feature_types", "Gene Expression"),
    ("guides", "CRISPR Guide Capture", "feature_types", "Gene Expression"),
    ("hashtags", "Multiplexing Capture", "feature_types", "Gene Expression"),
    ("something new", "Of the future", "feature_types", "gene_expression"),
    ("a modality", "prot", "modality", "rna"),
    ("antibodies by another column", "antibody_capture", "feature_type", "GEX"),
    ("hashtags beside kinds of genes", "HTO", "gene_type", "protein_coding"),
    ("spike-ins", "spike-in", "feature_biotype", "gene"),
):
    right = {"same": True, "says": f"5 features that are no genes but {kind}, first 'CD2000'"}
    adata_case(name, with_features(kind, place, gene), **right)
for place in ("gene_type", "feature_type", "gene_biotype"):
    adata_case(f"kinds of genes in {place}", with_features("lncRNA", place, "protein_coding"), cells=60)
adata_case(
    "spike-ins by name", with_names("ERCC-00002"), same=True, says="1 features that are spike-ins by name"
)
TAGS = [
    "CD3_TotalSeqB", "Hashtag1", "HTO-1", "hto_2", "ADT_CD4", "CD4-ADT", "anti-CD3", "sgRNA_TP53_1", "CMO301",
    "Hashtag_3_TotalSeqA", "IgG1-isotype-control", "NonTargeting_2", "CD4:SK3|CD4|AHS0032|pAbO",
]  # fmt: skip
said = f"left out: {len(TAGS)} features that are tags or guides by name, first 'CD3_TotalSeqB'"
adata_case("features called like tags or guides", with_names(*TAGS), same=True, says=said)
TAGS = ["CD3-A0034", "Tag_5", "CD45RA_prot", "TP53_sg2", "CD19:J3-119"]
said = f"note: {len(TAGS)} features, first 'CD3-A0034', may be tags or guides"
adata_case("features that may be tags or guides", with_names(*TAGS), cells=60, says=said)
adata_case("genes called like tags", with_names("CD27-AS1", "ADTRP", "GANAB", "CD300LD", "SGSM3"), cells=60)


def tags_named_in_a_column(a):
    b = with_names("f0", "f1")(a)
    b.var["feature_name"] = [*a.var_names, "CD3_TotalSeqC", "CD4_TotalSeqC"]
    return b


adata_case(
    "tags named in a column",
    tags_named_in_a_column,
    same=True,
    says="2 features that are tags or guides by name, first 'f0'",
)
adata_case("no genes at all", with_features("Peaks", gene="Peaks"), refused="holds no genes")
adata_case(
    "two columns of a symbol", twice, same=True, says="1 columns are of a symbol that was there before"
)
adata_case(
    "names of genes repeated",
    twice_by_name,
    same=True,
    says="1 columns are of a symbol that was there before",
)
for join in "-.":
    again = re.escape(f"{KNOWN['symbol'].iloc[0]}{join}1")
    said = f"2 columns are of a symbol that was there before, first '{again}'; summed"
    adata_case(f"names made unique by {join}", made_unique(join), same=True, says=said)
alike = "HLA-DRB1 HLA-DRB5 NKX2 NKX2-1 MIR-1 IGHV1-69 IGHV1-69-2 SNORD115 SNORD115-1 SNORD115-2 CD3E CD3E-2 7SK 7SK-2"
adata_case("genes called like others with a number", with_names(*alike.split()), cells=60)
adata_case("a gene without a name", nameless, same=True, says="1 genes without a name, first in column 40")
adata_case(
    "mouse",
    lambda a: setattr(a, "var_names", [f"Gm{i}" for i in range(a.n_vars)]),
    cells=60,
    says="other species",
)
adata_case(
    "numbers as names",
    lambda a: setattr(a, "var_names", [str(i) for i in range(a.n_vars)]),
    cells=60,
    says="by numbers",
)

# Other files


@case(same=True, suffix=".zarr")
def zarr_store(path):
    plain().write_zarr(path)


@case(refused="without obs and var", suffix=".zarr")
def zarr_store_of_something_else(path):
    import zarr

    zarr.open_group(path, mode="w").create_array("x", data=np.ones(3))


def tenx(path, kinds):
    a = plain()
    with h5py.File(path, "w") as file:
        matrix = file.create_group("matrix")
        matrix["barcodes"] = a.obs_names.to_numpy().astype("S")
        counts = a.X.tocsr().astype(np.int32)
        for name, part in (("data", counts.data), ("indices", counts.indices), ("indptr", counts.indptr)):
            matrix[name] = part
        matrix["shape"] = np.array([a.n_vars, a.n_obs], dtype=np.int32)
        features = matrix.create_group("features")
        features["id"] = KNOWN.index.to_numpy().astype("S")
        features["name"] = a.var_names.to_numpy().astype("S")
        features["feature_type"] = np.array(kinds, dtype="S")
        features["genome"] = np.array(["GRCh38"] * a.n_vars, dtype="S")


@case(refused="names the obs column 'type', but the data have none", suffix=".h5")
def tenx_h5_has_no_labels(path):
    tenx(path, ["Gene Expression"] * GENES)


@case(refused="names the obs column 'type', but the data have none", suffix="")
def matrix_market_folder_has_no_labels(path):
    market(path)


def market(path: Path, prefix=""):
    a, path = plain(), Path(path)
    path.mkdir()
    io.mmwrite(path / f"{prefix}matrix.mtx", a.X.T.astype(np.int32))
    (path / f"{prefix}matrix.mtx.gz").write_bytes(gzip.compress((path / f"{prefix}matrix.mtx").read_bytes()))
    (path / f"{prefix}matrix.mtx").unlink()
    rows = "".join(f"{i}\t{s}\tGene Expression\n" for i, s in KNOWN["symbol"].items())
    (path / f"{prefix}features.tsv.gz").write_bytes(gzip.compress(rows.encode()))
    (path / f"{prefix}barcodes.tsv.gz").write_bytes(gzip.compress("\n".join(a.obs_names).encode()))


@case(refused="neither an .h5ad nor a 10x .h5: it holds other", suffix=".h5")
def other_hdf5(path):
    with h5py.File(path, "w") as file:
        file["other"] = np.ones(3)


@case(refused="is a MuData", suffix=".h5mu")
def mudata(path):
    with h5py.File(path, "w") as file:
        file.create_group("mod/rna")


@case(refused="is a loom file", suffix=".loom")
def loom(path):
    with h5py.File(path, "w") as file:
        file.create_group("row_attrs")


@case(refused="SeuratDisk", suffix=".h5seurat")
def h5seurat(path):
    with h5py.File(path, "w") as file:
        file.create_group("assays")


@case(refused="an R object", suffix=".rds")
def rds(path):
    path.write_bytes(b"\x1f\x8b")


@case(refused="a table of text", suffix=".csv")
def csv(path):
    plain().to_df().to_csv(path)


@case(refused="unpack it first", suffix=".gz")
def packed(path):
    plain().write_h5ad(other := path.with_name("x.h5ad"))
    path.write_bytes(gzip.compress(other.read_bytes()))


@case(refused="no HDF5 at all")
def text(path):
    path.write_text("no")


@case(refused="cannot be read|not a readable")
def half_a_file(path):
    plain().write_h5ad(path)
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


@case(refused="There is no file")
def missing(path):
    pass


@case(refused="cannot be read")
def indices_beyond_the_end(path):
    plain().write_h5ad(path)
    with h5py.File(path, "r+") as file:
        file["X/indices"][5] = 10_000


@case(refused="39 columns for 40 names of genes|cannot be read")
def another_number_of_genes(path):
    plain().write_h5ad(path)
    with h5py.File(path, "r+") as file:
        file["X"].attrs["shape"] = [N, GENES - 1]
        file["X/indices"][...] = np.minimum(file["X/indices"][...], GENES - 2)


@case(refused="compressed with zstd: import hdf5plugin")
def unknown_compression(path):
    plain().write_h5ad(path)
    with h5py.File(path, "r+") as file:
        data = file["X/data"][...]
        del file["X/data"]
        settings = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
        settings.set_chunk((len(data),))
        settings.set_filter(32015, h5py.h5z.FLAG_OPTIONAL)
        space = h5py.h5s.create_simple(data.shape)
        made = h5py.Dataset(h5py.h5d.create(file["X"].id, b"data", h5py.h5t.NATIVE_FLOAT, space, settings))
        made.id.write_direct_chunk((0,), b"as if it were packed", filter_mask=0)


@case(same=True)
def written_by_anndata_0_6(path):
    a = plain()
    with h5py.File(path, "w") as file:
        X = file.create_group("X")
        X.attrs["h5sparse_format"], X.attrs["h5sparse_shape"] = "csr", np.array(a.shape)
        X["data"], X["indices"], X["indptr"] = a.X.data, a.X.indices, a.X.indptr
        rows = list(zip(a.obs_names, pd.factorize(a.obs["type"])[0], a.obs["donor"], strict=True))
        file["obs"] = np.array(rows, dtype=[("index", "S10"), ("type", "i1"), ("donor", "S10")])
        file["uns/type_categories"] = a.obs["type"].unique().astype("S10")
        file["var"] = np.array([(g,) for g in a.var_names], dtype=[("index", "S30")])


@case(same=True)
def written_by_anndata_0_7(path):
    a = plain()
    a.write_h5ad(path)
    with h5py.File(path, "r+") as file:
        codes, kinds = pd.factorize(a.obs["type"])
        del file["obs/type"]
        file["obs/type"] = codes.astype(np.int8)
        file["obs/__categories/type"] = kinds.to_numpy().astype("S10")
        file["obs/type"].attrs["categories"] = file["obs/__categories/type"].ref


@case(same=True, says="those of raw/X")
def null_x(path):
    no_x_raw(plain()).write_h5ad(path)
    with h5py.File(path, "r+") as file:
        if "X" in file:
            del file["X"]
        file["X"] = h5py.Empty("f")
        file["X"].attrs.update({"encoding-type": "null", "encoding-version": "0.1.0"})
