/** What the JDK's factories get when they ask: one class that knows all faces. */
package io.twinport.hooks;
