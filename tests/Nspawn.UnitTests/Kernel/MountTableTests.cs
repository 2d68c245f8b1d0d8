using Nspawn.Linux;
using Xunit;

namespace Nspawn.UnitTests;

public class MountTableTests
{
    private const string Table = """
        20 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw
        31 30 0:7 / /srv/tree/a\040b\134c/deep rw,nosuid,nodev - tmpfs x rw
        30 25 0:6 /sub /srv/tree/a\040b\134c ro,nosuid,noexec,nosymfollow shared:9 master:2 - xfs /dev/sdb rw
        25 20 8:2 / /srv/tree rw - ext4 /dev/sda2 rw
        26 20 0:5 / /proc rw - proc proc rw
        not a line of a table
        """;

    [Fact]
    public void A_line_is_a_mount_with_its_place_as_it_is()
    {
        List<MountEntry> table = MountTable.Parse(Table);

        Assert.Equal(5, table.Count);
        Assert.Equal(new MountEntry(30, 25, @"/srv/tree/a b\c", MountFlags.ReadOnly | MountFlags.NoSuid | MountFlags.NoExec | MountFlags.NoSymfollow), table[2]);
    }

    [Fact]
    public void What_is_below_a_mount_comes_parents_first() =>
        Assert.Equal([30UL, 31UL], MountTable.Below(25, MountTable.Parse(Table)).Select(mount => mount.Id));

    [Fact]
    public void The_threads_own_table_has_its_root() =>
        Assert.Contains(MountTable.Read(), mount => mount.Place == "/");
}
