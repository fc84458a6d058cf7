package io.aestus.cli;

import io.aestus.AestusException;
import io.aestus.Problem;
import io.aestus.Quoted;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import java.util.concurrent.CountDownLatch;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParseResult;

/** {@code aestus repo serve}: a directory of images over https, with discovery, until it is stopped. */
final class RepoServeCommand implements Command {
    private static final String DEFAULT_LISTEN = "127.0.0.1:8443";

    @Override
    public CommandSpec spec() {
        CommandSpec spec = Options.command(
                        "serve",
                        "Publishes a directory of images over https, with discovery, until it is stopped: files *.aci,"
                                + " their signatures *.aci.asc, and the public keys beside them. Without --cert it makes a"
                                + " certificate of its own for the time it runs.",
                        "aestus repo serve images --listen 0.0.0.0:443 --cert chain.pem --key key.pem",
                        "aestus repo serve images --host example.com --write-ca ca.pem")
                .addOption(Options.value("--listen", "ADDR:PORT", "where to listen (default " + DEFAULT_LISTEN + ")"))
                .addOption(Options.values(
                        "--host", "NAME", "a name in the certificate (default: the hosts of the images' names)"))
                .addOption(Options.value("--write-ca", "FILE", "write that certificate there, for clients' --ca-file"))
                .addOption(Options.value("--cert", "FILE", "the server's certificate and those above it, PEM"))
                .addOption(Options.value("--key", "FILE", "its private key, PEM"))
                .addPositional(Options.words("DIR", "1", "the directory"));
        spec.usageMessage().customSynopsis("aestus repo serve [OPTIONS] DIR");
        return spec;
    }

    @Override
    public Power power() {
        return Power.NONE;
    }

    @Override
    public int run(ParseResult arguments, Session session) throws IOException, InterruptedException {
        Path dir = Path.of(Options.words(arguments).getFirst()).toAbsolutePath();
        if (!Files.isDirectory(dir)) {
            throw new AestusException(Problem.NOT_FOUND, "cannot publish " + dir + ": there is no such directory");
        }
        InetSocketAddress address = address(Options.value(arguments, "--listen").orElse(DEFAULT_LISTEN));
        var index = new RepositoryIndex(dir, session::note);
        RepositoryCertificate certificate = certificate(arguments, index);
        Optional<Path> ca = Options.value(arguments, "--write-ca").map(Path::of);
        if (ca.isPresent()) {
            certificate.writeTo(ca.get());
        }
        try (var server = RepositoryServer.start(
                index, address, certificate, line -> session.err().println(line))) {
            session.out().println("serving " + dir + " on https://" + address.getHostString() + ":" + server.port());
            session.out().flush();
            new CountDownLatch(1).await(); // until a signal ends the process
        }
        return ExitCode.DONE;
    }

    private static RepositoryCertificate certificate(ParseResult arguments, RepositoryIndex index) throws IOException {
        Optional<String> chain = Options.value(arguments, "--cert");
        Optional<String> key = Options.value(arguments, "--key");
        if (chain.isPresent() != key.isPresent()) {
            throw new WrongUsage("--cert and --key go together");
        }
        if (chain.isPresent() && key.isPresent()) {
            return RepositoryCertificate.read(Path.of(chain.get()), Path.of(key.get()));
        }
        var hosts = new TreeSet<>(Options.values(arguments, "--host"));
        if (hosts.isEmpty()) {
            index.images().forEach(image -> hosts.add(image.manifest().name().host()));
            hosts.addAll(List.of("localhost", "127.0.0.1"));
        }
        return RepositoryCertificate.selfSigned(hosts);
    }

    private static InetSocketAddress address(String text) {
        int colon = text.lastIndexOf(':');
        String port = text.substring(colon + 1);
        if (colon < 0 || !port.matches("\\d{1,5}") || Integer.parseInt(port) > 65535) {
            throw new WrongUsage("cannot listen on " + Quoted.of(text) + ": expected ADDRESS:PORT");
        }
        String host = text.substring(0, colon).replaceAll("^\\[|]$", "");
        try {
            InetAddress where = InetAddress.getByName(host.isEmpty() ? "0.0.0.0" : host);
            return new InetSocketAddress(where, Integer.parseInt(port));
        } catch (UnknownHostException e) {
            throw new AestusException(Problem.INVALID, "cannot listen on " + Quoted.of(text) + ": unknown address", e);
        }
    }
}
