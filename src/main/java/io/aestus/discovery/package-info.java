/**
 * From the name of an image to the places where the image, its signature and its keys are: App Container discovery by
 * {@code meta} tags in the pages that the name itself leads to. Start at {@link io.aestus.discovery.Discovery}.
 *
 * <p>The room knows neither sockets nor certificates: pages come from a {@link io.aestus.discovery.PageSource}. What a page
 * says is a claim: it decides where to look, never what to believe. Uses {@code appc}. No state, no threads of its own;
 * everything here may be called from any thread and waits as long as its source does.
 *
 * @see <a href="https://github.com/appc/spec/blob/master/spec/discovery.md">appc: App Container Image Discovery</a>
 */
@NullMarked
package io.aestus.discovery;

import org.jspecify.annotations.NullMarked;
