"""Source code for .NET: what is read of each library, with its places, and what it comes to."""

from __future__ import annotations

import pytest

from tests.products.test_code import read, told
from tests.products.texts import facts

REDIS = """\
using StackExchange.Redis;
var first = ConnectionMultiplexer.Connect("cache:6380,keepAlive=30,SyncTimeout=3000,password=hunter2");
var options = new ConfigurationOptions { EndPoints = { "r2:6379" }, ConnectTimeout = 700, KeepAlive = 20 };
var second = await ConnectionMultiplexer.ConnectAsync(options);
services.AddStackExchangeRedisCache(o => { o.Configuration = "c3,asyncTimeout=800"; });
var third = ConnectionMultiplexer.Connect(settings.Redis);
"""
GRPC = """\
using Grpc.Net.Client;
var channel = GrpcChannel.ForAddress("https://stock:8443", new GrpcChannelOptions
{
    HttpHandler = new SocketsHttpHandler
    {
        PooledConnectionIdleTimeout = Timeout.InfiniteTimeSpan,
        KeepAlivePingDelay = TimeSpan.FromSeconds(60),
        KeepAlivePingTimeout = TimeSpan.FromSeconds(30),
    }
});
services.AddGrpcClient<Orders.OrdersClient>(o => { o.Address = new Uri("http://orders:5001"); });
"""
SIGNALR = """\
using Microsoft.AspNetCore.SignalR;
services.AddSignalR(options =>
{
    options.KeepAliveInterval = TimeSpan.FromSeconds(10);
    options.ClientTimeoutInterval = TimeSpan.FromSeconds(20);
});
"""
HUB = """\
using Microsoft.AspNetCore.SignalR.Client;
var hub = new HubConnectionBuilder().WithUrl("https://chat.example.com/hub").WithKeepAliveInterval(TimeSpan.FromSeconds(5)).Build();
hub.ServerTimeout = TimeSpan.FromSeconds(40);
"""
HUB_JS = """\
import * as signalR from "@microsoft/signalr";
const hub = new signalR.HubConnectionBuilder().withUrl("https://chat.example.com/hub").build();
hub.serverTimeoutInMilliseconds = 60000;
hub.keepAliveIntervalInMilliseconds = 20000;
"""

AWS = """\
using Amazon.S3;
var config = new AmazonS3Config { ServiceURL = "http://minio:9000", Timeout = TimeSpan.FromSeconds(8) };
config.MaxErrorRetry = 1;
"""

SAMPLES = {
    "aws": (
        "Store.cs",
        AWS,
        [
            "aws-sdk-dotnet client",
            "Timeout = 8s @ 2:69-102",
            "MaxErrorRetry = 1 @ 3:1-25",
            "-> minio:9000 http AmazonS3Config @ 2:14",
        ],
    ),
    "redis": (
        "Program.cs",
        REDIS,
        [
            "stackexchange-redis client",
            "keepAlive = 30 @ 2:43-102",
            "keepAlive = 20 @ 3:91-105",
            "keepAlive = settings.Redis @ 6:43-57",
            "syncTimeout = 3000 @ 2:43-102",
            "syncTimeout = settings.Redis @ 6:43-57",
            "connectTimeout = 700 @ 3:69-89",
            "connectTimeout = settings.Redis @ 6:43-57",
            "asyncTimeout = 800 @ 5:44-83",
            "asyncTimeout = settings.Redis @ 6:43-57",
            "-> cache:6380 redis ConnectionMultiplexer.Connect @ 2:13",
            "-> r2:6379 redis ConfigurationOptions @ 3:15",
            "-> c3:6379 redis AddStackExchangeRedisCache @ 5:44",
            "-> settings.Redis is set elsewhere redis ConnectionMultiplexer.Connect @ 6:13",
        ],
    ),
    "grpc": (
        "Program.cs",
        GRPC,
        [
            "grpc client",
            "PooledConnectionIdleTimeout = never @ 6:9-63",
            "KeepAlivePingDelay = 60s @ 7:9-54",
            "KeepAlivePingTimeout = 30s @ 8:9-56",
            "-> stock:8443 grpc GrpcChannel.ForAddress @ 2:15",
            "-> orders:5001 grpc AddGrpcClient @ 11:52",
        ],
    ),
    "signalr's hubs": (
        "Program.cs",
        SIGNALR,
        [
            "signalr server",
            "KeepAliveInterval = 10s @ 4:5-57",
            "ClientTimeoutInterval = 20s @ 5:5-61",
        ],
    ),
    "signalr's client": (
        "Client.cs",
        HUB,
        [
            "signalr client",
            "client KeepAliveInterval = 5s @ 2:78-124",
            "ServerTimeout = 40s @ 3:1-45",
            "-> chat.example.com:443 websocket WithUrl @ 2:11",
        ],
    ),
    "signalr's client in a browser": (
        "hub.ts",
        HUB_JS,
        [
            "signalr client",
            "ServerTimeout = 60000 @ 3:1-40",
            "client KeepAliveInterval = 20000 @ 4:1-44",
            "-> chat.example.com:443 websocket withUrl @ 2:13",
        ],
    ),
}


@pytest.mark.parametrize("name", SAMPLES)
def test_sample(name: str) -> None:
    path, text, expected = SAMPLES[name]
    found = read({path: text})
    assert [line for component in found for line in told(component)] == expected
    assert "hunter2" not in repr(found)


def test_defaults_of_grpc_are_those_of_its_handler() -> None:
    (channel,) = read({"Program.cs": GRPC})
    timers = ("connect.idle_keep", "connect.ping_interval", "connect.ping_without_calls", "connect.connect")
    assert facts(channel.links[1].facts, *timers) == [
        "connect.idle_keep = 60s (PooledConnectionIdleTimeout, default @ 11:1)",
        "connect.ping_interval = off (KeepAlivePingDelay, default @ 11:1)",
        "connect.ping_without_calls = on (KeepAlivePingPolicy, default @ 11:1)",
        "connect.connect = never (ConnectTimeout, default @ 11:1)",
    ]


def test_both_ends_of_signalr_come_to_times() -> None:
    (server,), (client,) = read({"Program.cs": SIGNALR}), read({"Client.cs": HUB})
    assert facts(server.facts, "accept.ping_interval", "accept.stream_idle", "accept.header_read") == [
        "accept.ping_interval = 10s (KeepAliveInterval, written @ 4:5)",
        "accept.stream_idle = 20s (ClientTimeoutInterval, written @ 5:5)",
        "accept.header_read = 15s (HandshakeTimeout, default @ 2:1)",
    ]
    assert facts(client.links[0].facts) == [
        "connect.ping_interval = 5s (client KeepAliveInterval, written @ 2:78)",
        "connect.stream_idle = 40s (ServerTimeout, written @ 3:1)",
    ]


@pytest.mark.parametrize(
    ("file", "text", "expected"),
    [
        ("a/Api.csproj", '<PackageReference Include="StackExchange.Redis" Version="1.2.6" />', "1s"),
        ("a/Api.csproj", '<PackageReference Include="StackExchange.Redis" Version="2.7.33" />', "5s"),
        ("Directory.Packages.props", '<PackageVersion Include="StackExchange.Redis" Version="2.8.0" />', "5s"),
        ("a/Api.csproj", '<PackageReference Include="StackExchange.Redis" />', "1s or 5s"),
    ],
)
def test_versions_of_packages(file: str, text: str, expected: str) -> None:
    code = 'using StackExchange.Redis;\nvar c = ConnectionMultiplexer.Connect("cache:6379");\n'
    (found,) = read({"a/Program.cs": code, file: f"<Project>{text}</Project>"})
    assert [fact.value for fact in found.facts["connect.attempt_total"]] == [expected]


@pytest.mark.parametrize(("framework", "expected"), [("net5.0", "120s"), ("net8.0", "60s")])
def test_the_framework_is_a_version(framework: str, expected: str) -> None:
    project = f"<Project><PropertyGroup><TargetFramework>{framework}</TargetFramework></PropertyGroup></Project>"
    code = 'using System.Net.Http;\nvar c = new HttpClient();\nawait c.GetAsync("http://stock:8080/");\n'
    (found,) = read({"a/Program.cs": code, "a/Api.csproj": project})
    assert [fact.value for fact in found.facts["connect.idle_keep"]] == [expected]
