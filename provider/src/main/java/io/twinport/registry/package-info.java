/**
 * What {@code status} shows and {@code off} changes: every listener and connection of a switch.
 *
 * <p>Uses the SPI and {@code config}. Knows what it lists by interfaces alone. Begin with {@link
 * io.twinport.registry.Registry}.
 */
package io.twinport.registry;
