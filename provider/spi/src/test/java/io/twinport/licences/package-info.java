/** Looks for the licences of what is packed. For integration tests, which have the jars. */
package io.twinport.licences;
