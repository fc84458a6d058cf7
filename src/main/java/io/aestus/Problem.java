package io.aestus;

/**
 * Why a request cannot be met, in the few kinds that callers tell apart. Each front (gRPC, conditions, exit codes)
 * translates these in one place, by a switch without {@code default}.
 */
public enum Problem {
    /** The request itself is malformed or contradicts itself; asking again unchanged cannot help. */
    INVALID,
    /** Something named does not exist. */
    NOT_FOUND,
    /** Something exists or is in a state that forbids this now. */
    CONFLICT,
    /** A signature, key or certificate does not prove what it must. */
    UNTRUSTED,
    /** Permission is missing: of the user here, or of our credentials there. */
    DENIED,
    /** This host or this version cannot do it. */
    UNSUPPORTED,
    /** A limit, quota or disk is full. */
    EXHAUSTED,
    /** A server or device did not answer as it should; asking again later may help. */
    UNAVAILABLE,
    /** Stored or received bytes are not what they must be. */
    CORRUPT
}
