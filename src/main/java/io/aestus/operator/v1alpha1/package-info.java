/**
 * The resource {@code AppPod} of {@code aestus.io/v1alpha1} as records, the schema beside each field. Start at
 * {@link AppPod}. The custom resource definition in {@code deploy/crds} is generated from these records.
 */
@NullMarked
package io.aestus.operator.v1alpha1;

import org.jspecify.annotations.NullMarked;
