using System.Net;
using Microsoft.Win32.SafeHandles;
using Nspawn.Core;
using Nspawn.Linux;

namespace Nspawn;

/// <summary>One machine that runs, as seen from the host: its entry, its link, its addresses.</summary>
internal sealed class MachineExamination(string machine)
{
    private const int Few = 8;

    public IEnumerable<Diagnosis> Findings()
    {
        if (Processes.EffectiveUid != 0 && OwnLeader() is int own)
        {
            // An ordinary user's is not registered and has no link: there is nothing to be put right.
            string network = SharesNetwork(own) ? "it is on the host's network" : "it is alone on a network of its own";
            return [Good($"an ordinary user's, its PID 1 is {own} of the host"), Good(network)];
        }

        using RouteSocket host = new();
        List<Link> links = host.Links();
        string[] names = [InterfaceNames.Shorten(InterfaceNames.Host(machine, false)), InterfaceNames.Shorten(InterfaceNames.Host(machine, true))];
        Link? link = links.Find(one => names.Contains(one.Name));
        int? registered = UnitReader.LeaderOf(machine);
        if ((OwnLeader() ?? registered) is not int leader)
        {
            return [new Diagnosis(machine, DiagnosisKind.Fault, "no such machine runs; nspawn list shows those that do", $"nspawn -b -n -M {machine}")];
        }

        Diagnosis entry = registered == leader
            ? Good($"registered, its PID 1 is {leader} of the host")
            : Lack($"its PID 1 is {leader} of the host; it is not registered with systemd-machined", "nspawn doctor, which tells why; then start it with --register=yes");
        return [entry, .. SharesNetwork(leader) ? [Good("it is on the host's network")] : NetworkFindings(host, link, leader)];
    }

    // A launcher of ours tells more, and where there is no machined.
    private int? OwnLeader()
    {
        List<RunningMachine> all = RunningMachines.All();
        int? leader = all.Find(one => one.State.Machine == machine)?.State.Leader.Pid;
        all.ForEach(one => one.Dispose());
        return leader;
    }

    private static bool SharesNetwork(int leader) => Links.Read($"/proc/{leader}/ns/net") == Links.Read("/proc/self/ns/net");

    private IEnumerable<Diagnosis> NetworkFindings(RouteSocket host, Link? link, int leader)
    {
        yield return link is null ? Lack("it has a network of its own, and no link to the host", "start it with --network-veth or --network-zone=")
            : link.IsUp ? Good($"the link {link.Name} is up")
            : Fault($"the link {link.Name} is down: nobody looks after it", "start it with --network-manage=yes, or: systemctl start systemd-networkd");
        if (link is not null)
        {
            int index = link.Master != 0 ? link.Master : link.Index;
            string[] addresses = [.. host.Addresses(one => one.Link == index && one.IsGlobal).Select(one => one.Address.ToString())];
            yield return addresses.Length > 0
                ? Good($"the host's end has {string.Join(", ", addresses)}")
                : Fault("the host's end of the link has no address", "start it with --network-manage=yes, or: systemctl start systemd-networkd");
        }

        if (Descriptors.TryOpen($"/proc/{leader}/ns/net", OpenMode.Read, out _) is SafeFileHandle network)
        {
            using (network)
            {
                using RouteSocket inside = Namespaces.InNetwork(network, () => new RouteSocket());
                foreach (Diagnosis finding in Inside(inside))
                {
                    yield return finding;
                }
            }
        }
    }

    private IEnumerable<Diagnosis> Inside(RouteSocket inside)
    {
        int count = 0;
        string[] addresses = [.. inside.Addresses(one => one.IsGlobal && !IPAddress.IsLoopback(one.Address) && count++ < Few).Select(one => one.Address.ToString())];
        if (addresses.Length == 0)
        {
            yield return Fault("inside, no address: nobody asks for one", $"nspawn exec {machine} systemctl enable --now systemd-networkd, or a DHCP client on host0");
            yield break;
        }

        yield return Good($"inside, {string.Join(", ", addresses)}{(count > Few ? ", ..." : "")}");
        yield return inside.Routes().Exists(route => route.Destination is null && route.Prefix == 0)
            ? Good("inside, a default route")
            : Fault("inside, no default route: it gets no further than its link", $"nspawn exec {machine} ip route add default via ROUTER");
    }

    private Diagnosis Good(string text) => Diagnosis.Good(machine, text);

    private Diagnosis Lack(string text, string command) => new(machine, DiagnosisKind.Lack, text, command);

    private Diagnosis Fault(string text, string command) => new(machine, DiagnosisKind.Fault, text, command);
}
