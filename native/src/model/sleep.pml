/*
 * How one who waits sleeps, and others in the process wake him: Sleep, as TwinSelector, TwinPort,
 * ThreadSeat and AcceptWait have it. Two threads store what they have to say, and then end the sleep.
 *
 * Memory is as in wakeup.pml.
 *
 * Claim: nobody sleeps for ever while something is stored. Spin finds one who does as an invalid end
 * state.
 *
 * Each of these takes one thing out, and the claim fails:
 *   NO_FENCE_BEHIND_STORE   end() looks at the state before what was stored can be seen
 *   NO_FENCE_BEHIND_ASLEEP  the sleeper looks before it is seen to be asleep
 *   NO_LOOK_BEHIND_ASLEEP   the sleeper does not look again
 *   NO_ALARM                end() only says that the sleeper is awake
 */
#define MESSAGES 2
#define WAKERS   2

#define AWAKE  0
#define ASLEEP 1

byte posted[WAKERS];
byte state;
chan stores[WAKERS] = [2] of { byte };	/* of the wakers, not seen yet */
chan states = [2] of { byte };		/* of the sleeper */

bool alarm;	/* an event descriptor, a permit: it stays until it ends a wait */

active [WAKERS] proctype visibleStores()
{	byte what;
end:	do
	:: atomic { stores[_pid]?what -> posted[_pid] = what }
	od
}

active proctype visibleStates()
{	byte what;
end:	do
	:: atomic { states?what -> state = what }
	od
}

proctype waker(byte me)
{	byte message;
	do
	:: message < MESSAGES ->
		message++;
		stores[me]!message;
#ifndef NO_FENCE_BEHIND_STORE
		empty(stores[me]);
#endif
		if
		:: state == ASLEEP ->
			/* compareAndSet, which is a fence in any case */
			atomic {
				empty(stores[me]);
				if
				:: state == ASLEEP -> state = AWAKE
				:: else -> goto next
				fi
			};
#ifndef NO_ALARM
			alarm = true
#endif
		:: else
		fi;
next:		skip
	:: else -> break
	od
}

active proctype sleeper()
{	byte taken[WAKERS];
	run waker(0);
	run waker(1);
	do
	:: taken[0] == MESSAGES && taken[1] == MESSAGES -> break
	:: else ->
		states!ASLEEP;
#ifndef NO_FENCE_BEHIND_ASLEEP
		empty(states);
#endif
#ifndef NO_LOOK_BEHIND_ASLEEP
		if
		:: posted[0] != taken[0] || posted[1] != taken[1] -> goto awake
		:: else
		fi;
#endif
		/* an alarm of before ends it early, once */
		atomic { empty(states) && alarm -> alarm = false };
awake:		states!AWAKE;
		empty(states);
		taken[0] = posted[0];
		taken[1] = posted[1]
	od
}
