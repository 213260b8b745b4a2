/*
 * How a request becomes a connection: a client puts it into shared memory and may give it up at any
 * time; the server admits it to a bounded queue; the application accepts, and may close. The server
 * may die. Request has the automaton; ShmConnection, ServerLink.request, ShmListener.admit and
 * confirm, and QueueListener run it.
 *
 * Memory is as in wakeup.pml.
 *
 * Claims, as assertions or invalid end states:
 *   - each client hears of an outcome;
 *   - who goes on to TCP is not accepted here by a server that lives;
 *   - who is connected is accepted, or in the queue, or reset;
 *   - the queue never holds more than its backlog.
 *
 * Each of these takes one thing out, and a claim fails:
 *   NO_FENCE_BEHIND_CANCELLED  withdraw() looks at the verdict before it is seen to give up
 *   NO_FENCE_BEHIND_ADMITTED   Request.admit() looks at the client before ADMITTED can be seen
 *   NO_LOOK_BEHIND_ADMITTED    Request.admit() does not look whether the client has given up
 *   TCP_AFTER_ADMITTED         a client that finds ADMITTED goes on to TCP
 *   CLOSE_LEAVES_THE_QUEUE     close() does not reset what is in the queue
 *   NO_ROOM_IS_NO_MATTER       ShmListener.admit() does not look for room
 */
#define CLIENTS 2
#define BACKLOG 1

/* What a client says, and what the server says. */
#define REQUESTED 1
#define CANCELLED 2
#define ADMITTED  1
#define CONFIRMED 2
#define REFUSED   3
#define DROPPED   4

byte state[CLIENTS];
byte verdict[CLIENTS];
chan states = [4] of { byte, byte };
chan verdicts = [4] of { byte, byte };

/* What became of a client. */
#define CONNECTED 1
#define TCP       2
#define FAILED    3
byte outcome[CLIENTS];

byte queued;
bool inQueue[CLIENTS];
bool accepted[CLIENTS];
bool wasReset[CLIENTS];
bool closed;
bool dead;	/* the server's process, and with it all that it does */
bool monitor;
byte decided;
bool served;	/* the application has done what it does */
bool mayDie;	/* and so has death */

inline lock()   { atomic { !monitor || dead; monitor = true } }
inline unlock() { monitor = false }

active proctype visibleStates()
{	byte who, what;
end:	do
	:: atomic { states?who, what -> state[who] = what }
	od
}

active proctype visibleVerdicts()
{	byte who, what;
end:	do
	:: atomic { verdicts?who, what -> verdict[who] = what }
	od
}

proctype client(byte me)
{	byte found;
	states!me, REQUESTED;
	empty(states);
	do
	:: verdict[me] == CONFIRMED -> outcome[me] = CONNECTED; break
	:: verdict[me] == REFUSED || verdict[me] == DROPPED -> outcome[me] = TCP; break
	:: true -> /* gives up, or finds the link dead */
		states!me, CANCELLED;
#ifndef NO_FENCE_BEHIND_CANCELLED
		empty(states);
#endif
		found = verdict[me];
		if
		:: found == ADMITTED ->
			/* the next store decides; it may be long in coming */
			if
			:: verdict[me] != ADMITTED -> found = verdict[me]
			:: dead -> found = verdict[me]
			:: true
			fi
		:: else
		fi;
		if
		:: found == CONFIRMED -> outcome[me] = CONNECTED
#ifdef TCP_AFTER_ADMITTED
		:: found == ADMITTED -> outcome[me] = TCP
#else
		:: found == ADMITTED -> outcome[me] = (dead -> TCP : FAILED)
#endif
		:: else -> outcome[me] = TCP
		fi;
		break
	od;
	empty(states)
}

/* Whoever drains the link's events. */
proctype admitting(byte who)
{	byte now;
	state[who] != 0 || dead;
	lock();
	if
	:: dead -> goto over
	:: else
	fi;
	if
	:: state[who] == CANCELLED -> verdicts!who, DROPPED
	:: else ->
		if
		:: closed -> verdicts!who, REFUSED
#ifndef NO_ROOM_IS_NO_MATTER
		:: !closed && queued == BACKLOG -> verdicts!who, REFUSED
		:: !closed && queued < BACKLOG ->
#else
		:: !closed ->
#endif
			verdicts!who, ADMITTED;
#ifndef NO_FENCE_BEHIND_ADMITTED
			empty(verdicts);
#endif
			now = state[who];
			if
			:: dead -> goto over
			:: else
			fi;
			if
#ifndef NO_LOOK_BEHIND_ADMITTED
			:: now == CANCELLED -> verdicts!who, DROPPED
			:: now != CANCELLED ->
#else
			:: true ->
#endif
				inQueue[who] = true;
				queued++;
				assert(queued <= BACKLOG);
				verdicts!who, CONFIRMED
			fi
		fi
	fi;
	empty(verdicts);
	unlock();
over:	decided++
}

inline take(who)
{	if
	:: inQueue[who] && !closed -> inQueue[who] = false; queued--; accepted[who] = true
	:: else
	fi
}

active proctype application()
{	do
	:: atomic { !dead && !monitor && (inQueue[0] || inQueue[1]) && !closed ->
		take(0); if :: queued > 0 -> take(1) :: else fi }
	:: atomic { !monitor && !dead && !closed -> closed = true; queued = 0 };
#ifndef CLOSE_LEAVES_THE_QUEUE
		atomic { wasReset[0] = inQueue[0]; inQueue[0] = false };
		atomic { wasReset[1] = inQueue[1]; inQueue[1] = false };
#endif
		break
	:: decided == CLIENTS -> break
	od;
	served = true
}

active proctype death()
{	if
	:: dead = true
	:: true
	fi;
	mayDie = true
}

init
{	byte i;
	atomic {
		run client(0); run client(1);
		run admitting(0); run admitting(1)
	}
	/* when all is over */
	outcome[0] != 0 && outcome[1] != 0 && decided == CLIENTS && served && mayDie;
	empty(states);
	empty(verdicts);
	for (i : 0 .. CLIENTS - 1) {
		assert(!(outcome[i] == TCP && (accepted[i] || inQueue[i]) && !dead));
		assert(outcome[i] != CONNECTED || accepted[i] || wasReset[i] || (inQueue[i] && !closed) || dead)
	}
}
