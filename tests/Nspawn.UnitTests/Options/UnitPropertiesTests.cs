using System.Text.Json;
using Nspawn.Core;
using Xunit;

namespace Nspawn.UnitTests;

public class UnitPropertiesTests
{
    [Theory]
    [InlineData("MemoryMax=1G", "MemoryMax", "t", "1073741824")]
    [InlineData("MemoryMax=infinity", "MemoryMax", "t", "18446744073709551615")]
    [InlineData("MemoryHigh=50%", "MemoryHighScale", "u", "2147483648")]
    [InlineData("MemoryLow=100%", "MemoryLowScale", "u", "4294967295")]
    [InlineData("MemorySwapMax=0", "MemorySwapMax", "t", "0")]
    [InlineData("TasksMax=100", "TasksMax", "t", "100")]
    [InlineData("TasksMax=10%", "TasksMaxScale", "u", "429496730")]
    [InlineData("CPUQuota=20%", "CPUQuotaPerSecUSec", "t", "200000")]
    [InlineData("CPUQuota=", "CPUQuotaPerSecUSec", "t", "18446744073709551615")]
    [InlineData("CPUWeight=idle", "CPUWeight", "t", "0")]
    [InlineData("IOWeight=10", "IOWeight", "t", "10")]
    [InlineData("Description=1", "Description", "s", "\"1\"")]
    [InlineData("KillSignal=SIGTERM", "KillSignal", "i", "15")]
    [InlineData("MemoryAccounting=1", "MemoryAccounting", "b", "true")]
    [InlineData("SomethingNew=yes", "SomethingNew", "b", "true")]
    [InlineData("SomethingNew=1", "SomethingNew", "t", "1")]
    [InlineData("SomethingNew=3M", "SomethingNew", "t", "3145728")]
    [InlineData("SomethingNew=a b", "SomethingNew", "s", "\"a b\"")]
    [InlineData("RuntimeMaxSec=1min 30s", "RuntimeMaxUSec", "t", "90000000")]
    [InlineData("RuntimeMaxUSec=5", "RuntimeMaxUSec", "t", "5")]
    [InlineData("RuntimeMaxSec=infinity", "RuntimeMaxUSec", "t", "18446744073709551615")]
    [InlineData("AllowedCPUs=0,9", "AllowedCPUs", "ay", "[1,2]")]
    [InlineData("AllowedCPUs=", "AllowedCPUs", "ay", "[]")]
    [InlineData("DeviceAllow=/dev/kvm rw", "DeviceAllow", "a(ss)", "[{\"Device\":\"/dev/kvm\",\"Access\":\"rw\"}]")]
    [InlineData("DeviceAllow=block-loop", "DeviceAllow", "a(ss)", "[{\"Device\":\"block-loop\",\"Access\":\"\"}]")]
    [InlineData("IOReadBandwidthMax=/dev/sda 1K", "IOReadBandwidthMax", "a(st)", "[{\"Device\":\"/dev/sda\",\"Number\":1000}]")]
    [InlineData("IOWriteIOPSMax=/dev/sda 2M", "IOWriteIOPSMax", "a(st)", "[{\"Device\":\"/dev/sda\",\"Number\":2000000}]")]
    [InlineData("IODeviceWeight=/dev/sda 200", "IODeviceWeight", "a(st)", "[{\"Device\":\"/dev/sda\",\"Number\":200}]")]
    [InlineData("After=a.service b.service", "After", "as", "[\"a.service\",\"b.service\"]")]
    [InlineData("After=", "After", "as", "[]")]
    [InlineData("OnFailure=a.service b.service", "OnFailure", "as", "[\"a.service\",\"b.service\"]")]
    [InlineData("MemoryPressureWatch=on", "MemoryPressureWatch", "s", "\"on\"")]
    [InlineData("Delegate=cpu memory", "DelegateControllers", "as", "[\"cpu\",\"memory\"]")]
    [InlineData("Delegate=", "DelegateControllers", "as", "[]")]
    [InlineData("Delegate=no", "Delegate", "b", "false")]
    [InlineData("IPAddressDeny=any", "IPAddressDeny", "a(iayu)", "[{\"Family\":2,\"Address\":[0,0,0,0],\"Length\":0},{\"Family\":10,\"Address\":[0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0],\"Length\":0}]")]
    [InlineData("IPAddressAllow=192.0.2.0/24", "IPAddressAllow", "a(iayu)", "[{\"Family\":2,\"Address\":[192,0,2,0],\"Length\":24}]")]
    [InlineData("IPAddressAllow=", "IPAddressAllow", "a(iayu)", "[]")]
    [InlineData("SocketBindDeny=any", "SocketBindDeny", "a(iiqq)", "[{\"Family\":0,\"Protocol\":0,\"Count\":0,\"First\":0}]")]
    [InlineData("SocketBindAllow=ipv4:tcp:80-81", "SocketBindAllow", "a(iiqq)", "[{\"Family\":2,\"Protocol\":6,\"Count\":2,\"First\":80}]")]
    [InlineData("RestrictNetworkInterfaces=~lo", "RestrictNetworkInterfaces", "(bas)", "[\"lo\"]")]
    [InlineData("IODeviceLatencyTargetSec=/dev/vda 10ms", "IODeviceLatencyTargetUSec", "a(st)", "[{\"Device\":\"/dev/vda\",\"Number\":10000}]")]
    public void An_assignment_has_the_type_the_service_manager_expects(string assignment, string name, string type, string value)
    {
        UnitProperty property = UnitProperties.Parse(assignment);
        using JsonDocument json = JsonDocument.Parse(JsonSerializer.Serialize(property.Value));

        Assert.Equal(name, property.Name);
        Assert.Equal(type, json.RootElement.GetProperty("type").GetString());
        Assert.Equal(value, json.RootElement.GetProperty("Value").GetRawText());
    }

    [Theory]
    [InlineData("MemoryMax=lots")]
    [InlineData("MemoryMax=200%")]
    [InlineData("CPUQuota=20")]
    [InlineData("TasksMax=-1")]
    [InlineData("CPUWeight=0")]
    [InlineData("IOWeight=much")]
    [InlineData("IODeviceWeight=/dev/sda 1K")]
    [InlineData("AllowedCPUs=x")]
    [InlineData("KillSignal=SIGNOTHING")]
    [InlineData("DeviceAllow=/dev/kvm rwx")]
    [InlineData("RuntimeMaxSec=soon")]
    [InlineData("IPAddressDeny=nowhere")]
    [InlineData("IPAddressDeny=192.0.2.0/33")]
    [InlineData("IPAddressDeny=10.1")]
    [InlineData("IPAddressAllow=010.0.0.1")]
    [InlineData("SocketBindDeny=tcp:ipv4")]
    [InlineData("SocketBindDeny=80-79")]
    public void A_value_of_the_wrong_kind_is_refused(string assignment) =>
        Assert.StartsWith($"--property={assignment}: expected ", Commands.Refusal($"--property={assignment}"));

    [Theory]
    [InlineData("web", "web.scope")]
    [InlineData("web-1.example", "web-1.example.scope")]
    [InlineData("foo.service", "foo.service.scope")]
    [InlineData("a/b c", "a-b\\x20c.scope")]
    [InlineData(".a", "\\x2ea.scope")]
    [InlineData("\u00e9@", "\\xc3\\xa9\\x40.scope")]
    public void A_scope_is_named_for_the_machine(string machine, string unit) => Assert.Equal(unit, UnitNames.ScopeOf(machine));
}
