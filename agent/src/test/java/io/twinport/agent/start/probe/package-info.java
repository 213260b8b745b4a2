/** Programs that {@code AgentStartIT} runs in JVMs of their own. They know nothing of Twinport. */
package io.twinport.agent.start.probe;
