/**
 * What the demo does with programs in JVMs of their own: it starts them, looks what path they take,
 * and measures them. Uses what the commands know of other processes. Start reading at {@link
 * io.twinport.agent.demo.DemoJvm}.
 */
package io.twinport.agent.demo;
