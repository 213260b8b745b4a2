/**
 * The switch: channels and selectors that use TCP and the SAN behind one face. It knows the SAN
 * only through {@code io.twinport.spi}, and no provider by name.
 */
package io.twinport.nio;
