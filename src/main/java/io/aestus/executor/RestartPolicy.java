package io.aestus.executor;

/** What becomes of an app that has ended, unless somebody asked it to. */
public enum RestartPolicy {
    /** It stays so. */
    NEVER,
    /** It is started again unless it succeeded. */
    ON_FAILURE,
    /** It is started again. */
    ALWAYS;

    /** Whether an app that ended so is started again. */
    public boolean appliesTo(ExitStatus status) {
        return switch (this) {
            case NEVER -> false;
            case ON_FAILURE -> !status.isSuccess();
            case ALWAYS -> true;
        };
    }
}
