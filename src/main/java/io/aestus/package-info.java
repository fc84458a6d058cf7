/**
 * How anything says what went wrong: {@link io.aestus.AestusException} with its {@link io.aestus.Problem}, and
 * {@link io.aestus.Quoted} for foreign text. Every room may use it; it uses none.
 */
@NullMarked
package io.aestus;

import org.jspecify.annotations.NullMarked;
