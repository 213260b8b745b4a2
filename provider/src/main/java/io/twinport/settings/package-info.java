/**
 * What the user has set for the switch: its settings, and the rules of which addresses use what.
 *
 * <p>Uses {@code config} alone. Begin with {@link io.twinport.settings.Settings}.
 */
package io.twinport.settings;
