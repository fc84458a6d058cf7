package io.aestus.trust;

/**
 * Why a signature or key does not count, and what to do about it.
 *
 * @param reason a whole clause, such as "key … expired on …"; lower case, no full stop
 * @param remedy a command or a short imperative
 */
record Refusal(String reason, String remedy) {}
