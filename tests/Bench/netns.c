/* bench-netns: what the kernel itself takes for what -n asks of it: a network namespace, a pair of links with one end in
 * it, and the removal of the pair. With an argument: the namespace alone. Run in a network of its own. */
#define _GNU_SOURCE
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <linux/veth.h>
#include <fcntl.h>
#include <net/if.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static char buffer[1024];
static struct nlmsghdr *const message = (struct nlmsghdr *)buffer;

static struct rtattr *put(int type, const void *data, int length)
{
	struct rtattr *attribute = (struct rtattr *)(buffer + NLMSG_ALIGN(message->nlmsg_len));
	attribute->rta_type = type;
	attribute->rta_len = RTA_LENGTH(length);
	if (length > 0)
		memcpy(RTA_DATA(attribute), data, length);
	message->nlmsg_len = NLMSG_ALIGN(message->nlmsg_len) + RTA_ALIGN(attribute->rta_len);
	return attribute;
}

static void end(struct rtattr *attribute)
{
	attribute->rta_len = buffer + message->nlmsg_len - (char *)attribute;
}

static void begin(int type, int flags)
{
	memset(buffer, 0, sizeof buffer);
	message->nlmsg_len = NLMSG_LENGTH(sizeof(struct ifinfomsg));
	message->nlmsg_type = type;
	message->nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK | flags;
}

static void ask(int route)
{
	char answer[4096];
	if (send(route, buffer, message->nlmsg_len, 0) < 0 || recv(route, answer, sizeof answer, 0) < 0)
		exit(1);
	if (((struct nlmsgerr *)NLMSG_DATA((struct nlmsghdr *)answer))->error != 0)
		exit(2);
}

int main(int count, char **arguments)
{
	(void)arguments;
	int route = socket(AF_NETLINK, SOCK_RAW, NETLINK_ROUTE);
	if (route < 0 || unshare(CLONE_NEWNET) < 0)
		return 1;
	if (count > 1)
		return 0; /* the namespace alone */
	int inside = open("/proc/self/ns/net", O_RDONLY);

	begin(RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL);
	put(IFLA_IFNAME, "ve-bench", 9);
	struct rtattr *info = put(IFLA_LINKINFO, NULL, 0);
	put(IFLA_INFO_KIND, "veth", 5);
	struct rtattr *data = put(IFLA_INFO_DATA, NULL, 0);
	struct rtattr *peer = put(VETH_INFO_PEER, &(struct ifinfomsg){ 0 }, sizeof(struct ifinfomsg));
	put(IFLA_IFNAME, "host0", 6);
	put(IFLA_NET_NS_FD, &inside, sizeof inside);
	end(peer);
	end(data);
	end(info);
	ask(route);

	begin(RTM_DELLINK, 0);
	put(IFLA_IFNAME, "ve-bench", 9);
	ask(route);
	return 0;
}
