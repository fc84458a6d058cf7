package io.aestus.cli;

import io.aestus.Quoted;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.OptionalDouble;
import java.util.concurrent.TimeUnit;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParseResult;

/** {@code aestus top}: how busy running apps are; on a terminal live, else once. */
final class TopCommand implements Command {
    private static final String HOME_AND_CLEAR = "\u001b[H\u001b[J";
    private static final Duration ONE_SHOT = Duration.ofMillis(500);

    /** What stands first. */
    enum Order {
        CPU,
        MEMORY,
        PROCESSES,
        NAME;

        private Comparator<Usages.Row> comparator() {
            return switch (this) {
                case CPU ->
                    Comparator.comparingDouble((Usages.Row row) -> -row.cpus().orElse(0));
                case MEMORY ->
                    Comparator.comparingLong((Usages.Row row) -> -row.usage().workingSetBytes());
                case PROCESSES ->
                    Comparator.comparingLong((Usages.Row row) -> -row.usage().processes());
                case NAME -> Comparator.comparing((Usages.Row row) -> PodForms.name(row.pod()) + "/" + row.app());
            };
        }

        private static Order parse(String word) {
            for (Order order : values()) {
                if (order.name().toLowerCase(Locale.ROOT).equals(word)) {
                    return order;
                }
            }
            throw new WrongUsage("cannot sort by " + Quoted.of(word) + ": expected cpu, memory, processes or name");
        }
    }

    @Override
    public CommandSpec spec() {
        return Options.command(
                        "top",
                        "Shows how busy running apps are: on a terminal live, until q or Ctrl-C is pressed (c, m, p and n"
                                + " sort), else once. 100 percent is one processor.",
                        "aestus top",
                        "aestus top --sort=memory --interval=5s",
                        "aestus top --count=1")
                .addOption(Options.value("--interval", "DURATION", "how long between two looks (2s)"))
                .addOption(Options.value("--sort", "BY", "cpu (default), memory, processes or name"))
                .addOption(Options.value("--count", "N", "end after so many looks"))
                .addOption(Options.uuidFile())
                .addPositional(Options.words("POD", "0..*", "only these pods"));
    }

    @Override
    public int run(ParseResult arguments, Session session) throws Exception {
        Order order = Options.parsed(arguments, "--sort", Order::parse).orElse(Order.CPU);
        Duration interval = Options.duration(arguments, "--interval").orElse(Duration.ofSeconds(2));
        long count = Options.number(arguments, "--count", 1, Integer.MAX_VALUE)
                .orElse(session.isWatched() ? (long) Integer.MAX_VALUE : 1L);
        var usages = new Usages(session.executor());
        usages.measure(StatsCommand.pods(arguments, session));
        TimeUnit.NANOSECONDS.sleep(Math.min(interval.toNanos(), ONE_SHOT.toNanos()));
        if (!session.isWatched() || session.options().format() != GlobalOptions.Format.TEXT) {
            for (long i = 0; i < count; i++) {
                if (i > 0) {
                    TimeUnit.NANOSECONDS.sleep(interval.toNanos());
                }
                once(usages, order, arguments, session);
            }
            return ExitCode.DONE;
        }
        try (var keys = Keys.open()) {
            live(usages, order, interval, count, keys, arguments, session);
        }
        return ExitCode.DONE;
    }

    private static void once(Usages usages, Order order, ParseResult arguments, Session session) throws Exception {
        session.output().print(table(), look(usages, order, arguments, session));
        session.out().flush();
    }

    private static List<Usages.Row> look(Usages usages, Order order, ParseResult arguments, Session session)
            throws Exception {
        return usages.measure(StatsCommand.pods(arguments, session)).stream()
                .sorted(order.comparator())
                .toList();
    }

    private static void live(
            Usages usages,
            Order first,
            Duration interval,
            long count,
            Keys keys,
            ParseResult arguments,
            Session session)
            throws Exception {
        Order order = first;
        for (long i = 0; i < count; i++) {
            draw(look(usages, order, arguments, session), keys.window(), session);
            int key = i + 1 < count ? keys.next(interval) : 'q';
            switch (key) {
                case 'q', 'Q', 3 -> { // 3: Ctrl-C, since the terminal does not make a signal of it now
                    return;
                }
                case 'c' -> order = Order.CPU;
                case 'm' -> order = Order.MEMORY;
                case 'p' -> order = Order.PROCESSES;
                case 'n' -> order = Order.NAME;
                default -> {} // nothing, or nothing that means something
            }
        }
    }

    /** In one write, so that nothing flickers. A terminal that is raw begins no line at the left by itself. */
    private static void draw(List<Usages.Row> rows, Window window, Session session) {
        var bytes = new ByteArrayOutputStream();
        var text = new PrintStream(bytes, false, StandardCharsets.UTF_8);
        table().print(rows, text, window, session.ink());
        text.flush();
        String whole = bytes.toString(StandardCharsets.UTF_8).replace("\n", "\r\n");
        session.out().print(HOME_AND_CLEAR + whole);
        session.out().flush();
    }

    private static Table<Usages.Row> table() {
        return new Table<>(
                List.of(
                        new Table.Column<>("UUID", row -> row.pod().uuid().abbreviated()),
                        new Table.Column<>("NAME", row -> PodForms.name(row.pod())),
                        new Table.Column<>("APP", row -> row.app().value()),
                        new Table.Column<>("CPU", row -> percent(row.cpus())),
                        new Table.Column<>(
                                "MEMORY", row -> StatsCommand.bytes(row.usage().workingSetBytes())),
                        new Table.Column<>(
                                "PROCESSES",
                                row -> StatsCommand.number(row.usage().processes())),
                        new Table.Column<>(
                                "IMAGE NAME",
                                row -> PodForms.imageName(row.pod().requireApp(row.app())))),
                Usages.Row::json,
                Table.Legend.SHOWN);
    }

    /** Such as {@code 12.3%}. */
    private static String percent(OptionalDouble cpus) {
        if (cpus.isEmpty()) {
            return "-";
        }
        long tenths = Math.round(cpus.getAsDouble() * 1000);
        return tenths / 10 + "." + tenths % 10 + "%";
    }
}
