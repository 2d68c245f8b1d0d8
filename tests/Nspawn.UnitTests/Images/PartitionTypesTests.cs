using System.Diagnostics;
using Nspawn.Core;
using Xunit;

namespace Nspawn.UnitTests;

/// <summary>The types of partitions are those that sfdisk(8) knows.</summary>
public class PartitionTypesTests
{
    [Fact]
    public void Types_have_the_numbers_of_sfdisk()
    {
        Need.Tool("sfdisk");
        using Process sfdisk = Process.Start(new ProcessStartInfo("sfdisk", ["-T", "-X", "gpt"]) { RedirectStandardOutput = true })!;
        Dictionary<Guid, string> known = sfdisk.StandardOutput.ReadToEnd().Split('\n')
            .Select(line => line.Split("  ", 2))
            .Where(fields => fields.Length == 2 && Guid.TryParse(fields[0], out _))
            .ToDictionary(fields => new Guid(fields[0]), fields => fields[1].Trim());

        Assert.All(PartitionTypes.All, type => Assert.Equal(NameOf(type.Role, type.Secondary), known.GetValueOrDefault(type.Type)));
        Assert.Equal("Linux filesystem", known[PartitionTypes.Generic]);
        Assert.Equal(PartitionRole.Esp, PartitionTypes.RoleOf(PartitionTypes.Esp));
    }

    private static string NameOf(PartitionRole role, bool secondary)
    {
        string cpu = secondary ? "(x86)" : "(x86-64)";
        return role switch
        {
            PartitionRole.Root => $"Linux root {cpu}",
            PartitionRole.RootVerity => $"Linux root verity {cpu}",
            PartitionRole.RootVeritySignature => $"Linux root verity sign. {cpu}",
            PartitionRole.Usr => $"Linux /usr {cpu}",
            PartitionRole.UsrVerity => $"Linux /usr verity {cpu}",
            PartitionRole.UsrVeritySignature => $"Linux /usr verity sign. {cpu}",
            PartitionRole.Home => "Linux home",
            PartitionRole.Srv => "Linux server data",
            PartitionRole.Var => "Linux variable data",
            PartitionRole.Tmp => "Linux temporary data",
            PartitionRole.Esp => "EFI System",
            PartitionRole.Xbootldr => "Linux extended boot",
            _ => "Linux swap",
        };
    }
}
