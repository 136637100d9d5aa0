# Each target is a script of scripts/; scripts/README.md tells what they take.

.PHONY: help setup build run test bench lint format clean

help: ## these lines
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-8s %s\n", $$1, $$2 }' Makefile

setup: ## installs what is missing of the toolchains
	@scripts/setup

build: setup ## builds everything, the command `tollgate` too
	@scripts/build

run: ## serves gateway and control plane on this machine, until Ctrl-C
	@scripts/run

test: ## one yes or no for the whole project
	@scripts/test

bench: build ## the benchmarks, or those of ROW=P1
	@scripts/bench $(ROW)

lint: setup ## clang-tidy, biome and tsc
	@scripts/lint

format: setup ## clang-format and biome
	@scripts/format

clean: ## removes what was built
	@scripts/clean
