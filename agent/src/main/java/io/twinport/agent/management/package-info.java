/**
 * The MXBeans of this process. Uses the metrics' numbers, and of the JDK the module {@code
 * java.management}, which need not be there: nothing here but {@link
 * io.twinport.agent.management.Management} is loaded before somebody has made the platform's MBean
 * server, and nothing makes that, unless it is asked to.
 */
package io.twinport.agent.management;
