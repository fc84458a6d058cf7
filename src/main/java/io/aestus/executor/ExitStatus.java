package io.aestus.executor;

/**
 * How a process ended.
 *
 * @param ending what the kernel said, or why it could not
 * @param outOfMemory whether the kernel killed something in its cgroup for want of memory
 */
public record ExitStatus(Ending ending, boolean outOfMemory) {

    /** What the kernel said. */
    public sealed interface Ending {
        /** It ended by itself. */
        record Code(int value) implements Ending {}

        /** A signal ended it. */
        record Signal(int number, boolean core) implements Ending {}

        /** It could not be started; {@code why} is one line for the user. */
        record NotStarted(String why) implements Ending {}

        /** It is gone, and nothing could tell how. Never taken for success. */
        record Unknown(String why) implements Ending {}
    }

    /** What one word says; the words are those of the CRI. */
    public enum Reason {
        COMPLETED("Completed"),
        ERROR("Error"),
        OOM_KILLED("OOMKilled"),
        START_ERROR("StartError"),
        UNKNOWN("Unknown");

        private final String word;

        Reason(String word) {
            this.word = word;
        }

        public String word() {
            return word;
        }
    }

    public static ExitStatus ofCode(int code) {
        return new ExitStatus(new Ending.Code(code), false);
    }

    public static ExitStatus ofSignal(int number) {
        return new ExitStatus(new Ending.Signal(number, false), false);
    }

    public static ExitStatus notStarted(String why) {
        return new ExitStatus(new Ending.NotStarted(why), false);
    }

    public static ExitStatus unknown(String why) {
        return new ExitStatus(new Ending.Unknown(why), false);
    }

    public ExitStatus withOutOfMemory(boolean newOutOfMemory) {
        return new ExitStatus(ending, newOutOfMemory);
    }

    /** As a shell would say it: the code, 128 + n for signal n, 128 for what did not start, 255 for what nobody knows. */
    public int code() {
        return switch (ending) {
            case Ending.Code(int value) -> value;
            case Ending.Signal signal -> 128 + signal.number();
            case Ending.NotStarted _ -> 128;
            case Ending.Unknown _ -> 255;
        };
    }

    public boolean isSuccess() {
        return ending instanceof Ending.Code(int value) && value == 0;
    }

    public Reason reason() {
        if (outOfMemory) {
            return Reason.OOM_KILLED;
        }
        return switch (ending) {
            case Ending.Code(int value) when value == 0 -> Reason.COMPLETED;
            case Ending.Code _, Ending.Signal _ -> Reason.ERROR;
            case Ending.NotStarted _ -> Reason.START_ERROR;
            case Ending.Unknown _ -> Reason.UNKNOWN;
        };
    }

    /** One line for the user; empty when the code says it all. */
    public String message() {
        return switch (ending) {
            case Ending.Code _ -> "";
            case Ending.Signal(int number, boolean core) -> "ended by signal " + number + (core ? ", core dumped" : "");
            case Ending.NotStarted(String why) -> why;
            case Ending.Unknown(String why) -> why;
        };
    }
}
