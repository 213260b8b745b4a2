/*
 * How a client takes a place in a listener's queue that was granted to it, with nobody at the
 * server taking part; and how the server takes the grant back. Grant and Grants are the server's
 * side, Claims is the client's.
 *
 * GRANTED is a word of the server's: claims below it have their places. CLAIMED is a word of the
 * client's: so many claims it has made. A client puts its request, with the number of its claim,
 * stores CLAIMED, makes a full fence and loads GRANTED: if the claim is below, and there is no
 * verdict yet, it is connected. Else its request waits for a verdict, as one without a claim: the
 * server may have denied it, and granted more behind that. To take places back, the server
 * stores a lower GRANTED, makes a full fence and loads CLAIMED: what was claimed stays granted.
 *
 * Stores become visible to the other side later, each side's in their order.
 *
 * Claims, as assertions:
 *   - what is in the queue and what is granted are never more than the backlog;
 *   - who has taken a place is admitted, if the listener is not closed;
 *   - in the end only what is granted and not claimed is kept for the client.
 *
 * Each of these takes one thing out, and a claim fails:
 *   NO_FENCE_BEHIND_CLAIMED  the client looks at GRANTED before its claim can be seen
 *   NO_FENCE_BEHIND_REVOKED  the server looks at CLAIMED before the lower GRANTED can be seen
 *   NO_LOOK_BEHIND_REVOKED   the server takes back what was not claimed when it began
 *   NO_LOOK_AT_THE_VERDICT   the client takes a later grant for its own
 *   NO_LOOK_AT_CLAIMED       the server handles a request whose claim it can't see yet
 *   LOST_ONES_COUNT_TWICE    grants begin anew while requests without a place are on their way
 *   COUNTED_BEFORE_DENIED    they begin anew when a request was counted and has no verdict yet
 */
#define REQUESTS 3
#define OTHERS   1
#define BACKLOG  2

byte claimed;			/* as the server sees it */
byte granted;			/* as the client sees it */
byte claim[REQUESTS];		/* of a request: its number and 1; 0 for none */
bool put[REQUESTS];
bool denied[REQUESTS];		/* as the client sees the verdict */

/* the stores that are on their way: what, which, value */
#define PUT     1
#define CLAIMED 2
chan fromClient = [4] of { byte, byte, byte };
#define GRANTED 3
#define DENIED  4
chan fromServer = [4] of { byte, byte };

bool won[REQUESTS];
bool handled[REQUESTS];
bool admitted[REQUESTS];
bool clientIsDone;
byte others;
bool closed;

/* of the server */
byte queued;
byte reserved;
byte highest;	/* what was stored to GRANTED last */
byte beyond;

active proctype visibleFromClient()
{	byte what, which, value;
end:	do
	:: atomic { fromClient?what, which, value ->
		if
		:: what == PUT -> put[which] = true; claim[which] = value
		:: else -> claimed = value
		fi }
	od
}

active proctype visibleFromServer()
{	byte what, value;
end:	do
	:: atomic { fromServer?what, value ->
		if
		:: what == GRANTED -> granted = value
		:: else -> denied[value] = true
		fi }
	od
}

active proctype client()
{	byte r, made;
	for (r : 0 .. REQUESTS - 1) {
		if
		:: granted > made ->
			fromClient!PUT, r, made + 1;
			fromClient!CLAIMED, 0, made + 1;
#ifndef NO_FENCE_BEHIND_CLAIMED
			empty(fromClient);
#endif
			won[r] = (made < granted);
#ifndef NO_LOOK_AT_THE_VERDICT
			won[r] = won[r] && !denied[r];
#endif
			made++
		:: else ->
			fromClient!PUT, r, 0
		fi
	}
	clientIsDone = true
}

#define room (BACKLOG - queued - reserved)

byte first, second, keep;

inline revoke()
{	first = claimed;
	if
	:: first >= highest
	:: else ->
		fromServer!GRANTED, first;
#ifndef NO_FENCE_BEHIND_REVOKED
		empty(fromServer);
#endif
#ifdef NO_LOOK_BEHIND_REVOKED
		second = first;
#else
		second = claimed;
#endif
		keep = (second < highest -> second : highest);
		reserved = reserved - (highest - keep);
		highest = keep;
		fromServer!GRANTED, keep
	fi
}

byte now, begin;

inline raise()
{	begin = claimed;
	if
#ifdef LOST_ONES_COUNT_TWICE
	:: true ->
#else
	:: begin <= highest || begin - highest == beyond ->
#endif
		if
		:: begin > highest -> highest = begin
		:: else
		fi;
		beyond = 0;
		now = room;
		highest = highest + now;
		reserved = reserved + now;
		fromServer!GRANTED, highest
	:: else
	fi
}

inline ordinary()
{	if
	:: room == 0 -> revoke()
	:: else
	fi
}

inline handle(r)
{	if
#ifndef NO_LOOK_AT_CLAIMED
	:: claim[r] > claimed	/* it will be told again */
#endif
	:: else ->
		handled[r] = true;
		if
		:: claim[r] != 0 && claim[r] <= highest ->
			assert(reserved > 0);
			reserved--;
			if
			:: !closed -> queued++; admitted[r] = true
			:: else
			fi
		:: else ->
			if
			:: claim[r] != 0 -> beyond++
			:: else
			fi;
			if
			:: !closed ->
				ordinary();
				if
				:: room > 0 -> queued++; admitted[r] = true
				:: else ->
#ifdef COUNTED_BEFORE_DENIED
					if
					:: queued > 0 -> queued--; raise()
					:: true
					fi;
#endif
					fromServer!DENIED, r
				fi
			:: else -> fromServer!DENIED, r
			fi
		fi
	fi;
	assert(queued + reserved <= BACKLOG);
	skip
}

active proctype server()
{	byte next;
	raise();
	do
	:: put[0] && !handled[0] -> handle(0)
	:: put[1] && !handled[1] -> handle(1)
	:: put[2] && !handled[2] -> handle(2)
	:: others < OTHERS -> /* another client's */
		others++;
		if
		:: !closed ->
			ordinary();
			if
			:: room > 0 -> queued++
			:: else
			fi;
			assert(queued + reserved <= BACKLOG)
		:: else
		fi
	:: queued > 0 -> queued--
	:: !closed && room > 0 && next < 3 -> next++; raise(); assert(queued + reserved <= BACKLOG)
	:: !closed -> closed = true; revoke(); queued = 0
	:: handled[0] && handled[1] && handled[2] && clientIsDone -> break
	od;
	empty(fromServer);
	empty(fromClient);
	assert(reserved == (highest > claimed -> highest - claimed : 0));
	assert(!won[0] || admitted[0] || closed);
	assert(!won[1] || admitted[1] || closed);
	assert(!won[2] || admitted[2] || closed)
}
