/**
 * Pod networks by the Container Network Interface (CNI): which networks a node has, and pods attached to them by plugins.
 * Start at {@link io.aestus.network.PodNetworks}; what a pod asks for is {@link io.aestus.network.Connections}, what it got
 * {@link io.aestus.network.Attachment}. {@code Chain} is the protocol of one network, {@code Plugins} that of one plugin.
 * Users who are not root have {@link io.aestus.network.UserNetwork} instead.
 *
 * <p>May use linux and json. Knows nothing of pods but a name and a network namespace.
 *
 * <p>Invariants: what a plugin is about to do is on disk before it is asked, so that whoever comes next can take it back; a
 * record goes when every plugin has. Plugins are programs of the administrator: they run as root in the host's namespaces,
 * with an environment of nothing but what the protocol names and a search path. What they say is bounded, timed and never
 * shown raw.
 *
 * <p>Threads: each call of a plugin blocks its caller, which must be in the host's namespaces; its streams have threads of
 * their own that end with it. The rooms above see to it that one pod is changed by one caller at a time.
 *
 * @see <a href="https://github.com/containernetworking/cni/blob/main/SPEC.md">CNI specification</a>
 */
@NullMarked
package io.aestus.network;

import org.jspecify.annotations.NullMarked;
