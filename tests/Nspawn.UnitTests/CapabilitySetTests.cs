using Nspawn.Linux;
using Xunit;

namespace Nspawn.UnitTests;

public class CapabilitySetTests
{
    [Theory]
    [InlineData(Capability.Chown, "CAP_CHOWN", 0)]
    [InlineData(Capability.DacReadSearch, "CAP_DAC_READ_SEARCH", 2)]
    [InlineData(Capability.SysTtyConfig, "CAP_SYS_TTY_CONFIG", 26)]
    [InlineData(Capability.CheckpointRestore, "CAP_CHECKPOINT_RESTORE", 40)]
    public void Capability_has_the_kernels_name_and_number(Capability capability, string name, int number)
    {
        Assert.Equal(name, CapabilitySet.NameOf(capability));
        Assert.Equal(number, (int)capability);
    }
}
