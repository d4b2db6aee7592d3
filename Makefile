# make book   install, run the grid, render the book into _build/html
#             (PROFILE=smoke|default|full|foundation|paper|hosted, CORES=2)
# make test   install, run the tests   (CORES=2)
# make test-book   look at the rendered book in Chromium; pictures of its pages go to _build/screenshots   (CHROMIUM=chromium)
# make executed   pack the executed pages for who renders them elsewhere, into _build/executed.tar.gz
# make pages  render executed pages once more; make epub makes an e-book of them, _build/epub/zslib.epub
# make lint   check style
# make pretrain   train the small models that are shipped once more, into minis-remade, and compare
# make clean  remove what was made, but not the downloaded data

PYTHON  ?= python3
PROFILE ?= default
CORES   ?= 2
CHROMIUM ?= chromium
BIN      = .venv/bin
# Python keeps what it has compiled, whatever the shell says, or each start of it would compile scanpy and torch anew.
export PYTHONDONTWRITEBYTECODE =

.PHONY: book executed pages epub test test-book lint pretrain clean

# The profile hosted reads the CELLxGENE Census, which has an extra of its own.
book: .venv/$(if $(filter hosted,$(PROFILE)),hosted,book).installed
	$(BIN)/python -m zslib book --profile $(PROFILE) --cores $(CORES)

# What git ignores under book/ is what running made.
executed:
	git ls-files -z --others --ignored --exclude-standard book | tar -czf _build/executed.tar.gz --null -T -

pages: .venv/book.installed
	$(BIN)/python -c "from zslib.workflow import rendering; rendering.build()"

epub: .venv/book.installed
	$(BIN)/python -c "from zslib.workflow import rendering; rendering.build(builder='epub')"

test: .venv/test.installed
	OMP_NUM_THREADS=1 $(BIN)/python -m pytest -q -n $(CORES) --dist loadfile --no-loadscope-reorder

test-book: .venv/test.installed
	@test -e _build/html/index.html || { echo "There is no book in _build/html: make book PROFILE=smoke makes one."; exit 1; }
	@command -v $(CHROMIUM) >/dev/null || { echo "There is no Chromium: apt-get install chromium, or say where one is by CHROMIUM=."; exit 1; }
	CHROMIUM=$(CHROMIUM) $(BIN)/python -m pytest -q -n $(CORES) tests/book

lint: .venv/test.installed
	$(BIN)/ruff check . && $(BIN)/ruff format --check . && $(BIN)/lint-imports

pretrain: .venv/book.installed
	OMP_NUM_THREADS=1 $(BIN)/python -m zslib pretrain minis --out minis-remade

clean:
	rm -rf .venv .snakemake _build minis-remade results results-* book/runs book/expression book/index.ipynb book/chapters/*.ipynb book/chapters/*.csv

# torch goes first and alone: its pin decides for everything that leans on it. Python compiles what is imported when it is.
.venv/%.installed: pyproject.toml constraints.txt
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/python -m pip install -q --no-compile --disable-pip-version-check -c constraints.txt torch
	$(BIN)/python -m pip install -q --no-compile --disable-pip-version-check -c constraints.txt -e ".[$*]"
	touch $@
