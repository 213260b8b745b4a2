/**
 * The class loader and the module of all that stands on native code, and the jar that they and our
 * other classes come from. Uses the SPI and the switch, and names no class that it loads. Start
 * reading at {@link io.twinport.agent.inner.InnerProviders}.
 */
package io.twinport.agent.inner;
