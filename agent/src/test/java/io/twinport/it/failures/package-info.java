/** What is wrong, lacking, killed or hostile, and what is left to those who are not to blame. */
package io.twinport.it.failures;
