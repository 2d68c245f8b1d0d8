using Microsoft.Win32.SafeHandles;
using Nspawn.Core;
using Nspawn.Linux;

namespace Nspawn;

/// <summary>One machine that runs, as seen from the host: its entry, its link, its addresses.</summary>
internal static class MachineExamination
{
    public static IEnumerable<Diagnosis> Of(string machine)
    {
        using RouteSocket host = new();
        List<Link> links = host.Links();
        string[] names = [InterfaceNames.Shorten(InterfaceNames.Host(machine, false)), InterfaceNames.Shorten(InterfaceNames.Host(machine, true))];
        Link? link = links.Find(one => names.Contains(one.Name));
        int? leader = UnitReader.LeaderOf(machine);
        if (leader is null && link is null)
        {
            yield return new Diagnosis(machine, DiagnosisKind.Fault, "no such machine runs with an entry in machined's list or a link of its own", $"nspawn -b -n -M {machine}");
            yield break;
        }

        yield return leader is int pid
            ? Diagnosis.Good(machine, $"registered, its PID 1 is {pid} of the host")
            : new Diagnosis(machine, DiagnosisKind.Lack, "not registered with systemd-machined");
        if (link is null)
        {
            yield return new Diagnosis(machine, DiagnosisKind.Lack, "no link to the host: it is on the host's network, or alone", "start it with --network-veth or --network-zone=");
            yield break;
        }

        int index = link.Master != 0 ? link.Master : link.Index;
        yield return link.IsUp
            ? Diagnosis.Good(machine, $"the link {link.Name} is up")
            : new Diagnosis(machine, DiagnosisKind.Fault, $"the link {link.Name} is down: nobody looks after it", "start it with --network-manage=yes, or: systemctl start systemd-networkd");
        string[] addresses = [.. host.Addresses().Where(one => one.Link == index && one.IsGlobal).Select(one => one.Address.ToString())];
        yield return addresses.Length > 0
            ? Diagnosis.Good(machine, $"the host's end has {string.Join(", ", addresses)}")
            : new Diagnosis(machine, DiagnosisKind.Fault, "the host's end of the link has no address", "start it with --network-manage=yes");
        if (leader is int first && Inside(first) is Diagnosis inside)
        {
            yield return inside;
        }
    }

    private static Diagnosis? Inside(int leader)
    {
        string machine = "inside";
        if (Descriptors.TryOpen($"/proc/{leader}/ns/net", OpenMode.Read, out _) is not SafeFileHandle network)
        {
            return null;
        }

        using (network)
        {
            using RouteSocket routes = Namespaces.InNetwork(network, () => new RouteSocket());
            string[] addresses = [.. routes.Addresses().Where(one => one.IsGlobal && !System.Net.IPAddress.IsLoopback(one.Address)).Select(one => one.Address.ToString())];
            return addresses.Length > 0
                ? Diagnosis.Good(machine, $"has {string.Join(", ", addresses)}")
                : new Diagnosis(machine, DiagnosisKind.Fault, "has no address: nobody inside asks for one", "systemctl enable --now systemd-networkd (inside), or a DHCP client on host0");
        }
    }
}
