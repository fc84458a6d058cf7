# Aestus. "make" alone lists what there is to make.
.DEFAULT_GOAL := help
.PHONY: help build test demo dist docs bench fuzz format clean

help: ## list the targets
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/  make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 16

build: ## compile and package, without tests
	scripts/packages mvn=maven
	scripts/maven -q package -DskipTests
	scripts/assemble
	@echo "built; bin/aestus runs it"

test: ## run every test that this host can run, and say what was skipped
	scripts/test

demo: ## the whole way from a build to a running pod, on this machine
	scripts/demo

dist: build ## a tarball that runs where it is unpacked: target/aestus-VERSION.tar.gz
	scripts/dist

docs: build ## write the reference of all commands: docs/cli
	rm -f docs/cli/*.md
	$$(scripts/jdk)/bin/java -cp target/lib/aestus.jar io.aestus.cli.CommandReference docs/cli

bench: ## measure against crun, runc and the kernel's own limit; writes docs/benchmarks.md
	scripts/bench

fuzz: ## send random requests to the Container Runtime Interface for ten minutes
	scripts/fuzz

format: ## lay the sources out as the build wants them
	scripts/maven -q spotless:apply

clean: ## remove what was built
	rm -rf target
