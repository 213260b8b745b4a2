/**
 * The waist between the switch, which owns channels and selectors, and the SAN service providers,
 * which own memory, links and wires. Nothing here knows a channel, and nothing here knows a
 * provider by name; nothing else of Twinport is used.
 *
 * <p>Who writes a provider begins with {@link io.twinport.spi.SanProvider}, and then {@link
 * io.twinport.spi.SanTarget}, which has the rule by which nobody waits in vain.
 */
@NullMarked
package io.twinport.spi;

import org.jspecify.annotations.NullMarked;
