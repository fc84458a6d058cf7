/** What every test can count on: tiers with printed reasons, and nothing left behind. */
package io.aestus.testing;
