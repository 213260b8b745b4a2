/** Many connections at a time, much that goes through them, and nothing at all. */
package io.twinport.it.load;
