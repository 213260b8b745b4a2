/**
 * The way into a JVM: premain and agentmain, class-loader isolation, the commands. No channel code
 * may enter.
 */
package io.twinport.agent;
