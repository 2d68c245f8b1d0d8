using System.Text;
using Microsoft.Win32.SafeHandles;
using Nspawn.Linux;

namespace Nspawn;

/// <summary>What can be seen of a running machine from outside, without entering it.</summary>
internal static class MachineFacts
{
    private const int SmallFile = 64 * 1024;

    private static readonly string? s_ownNetwork = Links.Read("/proc/self/ns/net");

    /// <summary>The addresses of its network but for loopback; none where it shares the host's. proc(5), net/fib_trie and net/if_inet6.</summary>
    public static IEnumerable<string> Addresses(int leader) =>
        Links.Read($"/proc/{leader}/ns/net") == s_ownNetwork
            ? []
            : Version4(Read($"/proc/{leader}/net/fib_trie")).Concat(Version6(Read($"/proc/{leader}/net/if_inet6")));

    /// <summary>"|-- 10.0.0.2" and behind it "/32 host LOCAL"; each is there twice.</summary>
    internal static IEnumerable<string> Version4(string trie)
    {
        List<string> found = [];
        string address = "";
        foreach (string line in trie.Split('\n'))
        {
            string text = line.Trim();
            if (text.StartsWith("|-- ", StringComparison.Ordinal))
            {
                address = text[4..];
            }
            else if (text == "/32 host LOCAL" && !address.StartsWith("127.", StringComparison.Ordinal) && !found.Contains(address))
            {
                found.Add(address);
            }
        }

        return found;
    }

    /// <summary>Of the global scope: the fourth field is 00.</summary>
    internal static IEnumerable<string> Version6(string table) =>
        table.Split('\n').Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries))
            .Where(fields => fields.Length == 6 && fields[3] == "00" && fields[0].Length == 32)
            .Select(fields => new System.Net.IPAddress(Convert.FromHexString(fields[0])).ToString());

    private static string Read(string path)
    {
        using SafeFileHandle? file = Descriptors.TryOpen(path, OpenMode.Read, out _);
        try
        {
            return file is null ? "" : Encoding.UTF8.GetString(Descriptors.ReadAll(file, SmallFile, path));
        }
        catch (SyscallException)
        {
            return ""; // gone meanwhile
        }
    }
}
