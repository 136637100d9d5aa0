# Each target is a script of scripts/; scripts/README.md tells what they take.

.PHONY: setup build run test bench lint format clean

setup:
	@scripts/setup

build: setup
	@scripts/build

run:
	@scripts/run

test:
	@scripts/test

bench: build
	@scripts/bench $(ROW)

lint: setup
	@scripts/lint

format: setup
	@scripts/format

clean:
	@scripts/clean
