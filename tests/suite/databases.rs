//! Tables in databases, against real servers, which each test starts for itself as an ordinary user, on a UNIX socket
//! or a loopback port: SQLite, MariaDB, PostgreSQL, slapd, memcached.

use std::fs;
use std::os::unix::fs::{PermissionsExt, chown};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use testkit::{Instance, eventually, free_port};

/// The user that servers run as when the tests run as root.
const NOBODY: u32 = 65534;

/// A server, ended with the test.
struct Server(Child);

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// A folder of the server's own.
fn folder(mx: &Instance, name: &str) -> PathBuf {
    // In a short place: the path of a socket has an end.
    let path = PathBuf::from(format!("/tmp/ferropost-{name}-{}", std::process::id()));
    let _ = fs::remove_dir_all(&path);
    fs::create_dir_all(&path).unwrap();
    if testkit::is_root() {
        chown(&path, Some(NOBODY), Some(NOBODY)).unwrap();
    }
    // So that the instance's own user may look into its settings.
    fs::set_permissions(mx.etc(), fs::Permissions::from_mode(0o755)).unwrap();
    path
}

/// `program` in Debian's places, or the reason for not running the test.
fn program(paths: &[&str]) -> Option<String> {
    let found = paths.iter().find(|path| Path::new(path).exists()).map(|path| (*path).to_owned());
    if found.is_none() {
        testkit::skipped(&format!("no {} here (xtask/setup --databases installs it)", paths.join(" or ")));
    }
    found
}

/// A command that runs as an ordinary user.
fn ordinary(program: &str, arguments: &[&str]) -> Command {
    let mut command = if testkit::is_root() {
        let mut command = Command::new("setpriv");
        let id = NOBODY.to_string();
        command.args(["--reuid", &id, "--regid", &id, "--clear-groups", program]);
        command
    } else {
        Command::new(program)
    };
    command.args(arguments).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    command.env("HOME", "/tmp");
    command
}

fn start(program: &str, arguments: &[&str]) -> Server {
    Server(ordinary(program, arguments).spawn().unwrap())
}

fn succeed(program: &str, arguments: &[&str]) {
    let done = ordinary(program, arguments).status().unwrap();
    assert!(done.success(), "{program} {arguments:?}");
}

/// Our instance, and a table's settings in it.
fn instance() -> Option<Instance> {
    // As root, where helpers change their user; else as anybody.
    testkit::ours().pop().map(|subject| Instance::new(subject).create())
}

fn table(mx: &Instance, kind: &str, name: &str, text: &str) -> String {
    let path = mx.etc().join(name);
    fs::write(&path, text).unwrap();
    format!("{kind}:{}", path.display())
}

/// Each key with what it finds; `None` is not there.
fn finds(mx: &Instance, table: &str, cases: &[(&str, Option<&str>)]) {
    for (key, wanted) in cases {
        let out = mx.run("postmap", &["-q", key, table], b"");
        let code = i32::from(wanted.is_none());
        let text = wanted.map(|text| format!("{text}\n")).unwrap_or_default();
        assert_eq!((out.code, out.out.as_str()), (code, text.as_str()), "{table} {key}: {}", out.err);
    }
}

/// The lookup fails, and says so: it is not "not found".
fn fails(mx: &Instance, table: &str, key: &str, why: &str) {
    let out = mx.run("postmap", &["-q", key, table], b"");
    assert_eq!((out.code, out.out.as_str()), (1, ""), "{table} {key}");
    assert!(out.err.contains("fatal: ") && out.err.contains(why), "{table} {key}: {}", out.err);
}

/// What a table of every SQL kind holds, and what is asked of it.
const ROWS: &str = "CREATE TABLE t (k VARCHAR(100), v VARCHAR(100));
    INSERT INTO t VALUES ('joe@a.test', 'one'), ('two', 'x@y.test'), ('two', 'z'), ('o''brien', 'quote'),
    ('back\\slash', 'slash'), ('none', NULL), ('many', 'a'), ('many', 'b'), ('many', 'c');";

fn sql(mx: &Instance, kind: &str, server: &str) {
    let by_key = table(mx, kind, "key.cf", &format!("{server}query = SELECT v FROM t WHERE k = '%s'\n"));
    finds(
        mx,
        &by_key,
        &[
            ("joe@a.test", Some("one")),
            ("JOE@a.test", Some("one")),
            ("two", Some("x@y.test,z")),
            ("o'brien", Some("quote")),
            ("x' OR '1'='1", None),
            ("x\\' OR '1'='1", None),
            ("none", None),
            ("nobody", None),
        ],
    );
    let parts = "query = SELECT v FROM t WHERE k = '%u@%d'\nresult_format = %s of %U in %1\n";
    let parts = table(mx, kind, "parts.cf", &format!("{server}{parts}"));
    finds(mx, &parts, &[("joe@a.test", Some("one of joe in test")), ("joe", None), ("@a.test", None)]);
    let domain = "query = SELECT v FROM t WHERE k = '%s'\ndomain = b.test, !a.test\n";
    finds(
        mx,
        &table(mx, kind, "domain.cf", &format!("{server}{domain}")),
        &[("joe@a.test", None), ("two", None)],
    );
    let old = "table = t\nselect_field = v\nwhere_field = k\nadditional_conditions = AND v <> 'z'\n";
    finds(mx, &table(mx, kind, "old.cf", &format!("{server}{old}")), &[("two", Some("x@y.test"))]);
    let limit = "query = SELECT v FROM t WHERE k = '%s'\nexpansion_limit = 2\n";
    let limit = table(mx, kind, "limit.cf", &format!("{server}{limit}"));
    finds(mx, &limit, &[("two", Some("x@y.test,z"))]);
    fails(mx, &limit, "many", "Expansion limit exceeded");
    let broken =
        table(mx, kind, "broken.cf", &format!("{server}query = SELECT nosuch FROM nosuch WHERE k = '%s'\n"));
    fails(mx, &broken, "two", "nosuch");
    let many = mx.run("postmap", &["-q", "-", &by_key], b"two\nnobody\njoe@a.test\n");
    assert_eq!((many.code, many.out.as_str()), (0, "two\tx@y.test,z\njoe@a.test\tone\n"), "{}", many.err);
    fails(mx, &table(mx, kind, "empty.cf", server), "two", "bad string length 0 < 1: table = ");
}

#[test]
fn sqlite() {
    let (Some(mx), Some(shell)) = (instance(), program(&["/usr/bin/sqlite3"])) else { return };
    let folder = folder(&mx, "sqlite");
    let file = folder.join("db").display().to_string();
    succeed(&shell, &[&file, ROWS]);
    sql(&mx, "sqlite", &format!("dbpath = {file}\n"));
    let gone = table(&mx, "sqlite", "gone.cf", "dbpath = /no/such/file\nquery = SELECT 1\n");
    fails(&mx, &gone, "x", "open database /no/such/file");
    fs::write(&file, "this is no database, however one looks at it").unwrap();
    let broken =
        table(&mx, "sqlite", "no.cf", &format!("dbpath = {file}\nquery = SELECT v FROM t WHERE k = '%s'\n"));
    fails(&mx, &broken, "x", "not a database");
    let _ = fs::remove_dir_all(folder);
}

#[test]
fn mysql() {
    let server = program(&["/usr/sbin/mariadbd", "/usr/sbin/mysqld"]);
    let (Some(mx), Some(server), Some(install)) =
        (instance(), server, program(&["/usr/bin/mariadb-install-db"]))
    else {
        return;
    };
    let folder = folder(&mx, "mysql");
    let at = |name: &str| folder.join(name).display().to_string();
    succeed(
        &install,
        &[
            "--no-defaults",
            &format!("--datadir={}", at("data")),
            "--auth-root-authentication-method=normal",
            "--skip-test-db",
        ],
    );
    let (socket, port) = (at("s"), free_port());
    let running = start(
        &server,
        &[
            "--no-defaults",
            &format!("--datadir={}", at("data")),
            &format!("--socket={socket}"),
            &format!("--port={port}"),
            "--bind-address=127.0.0.1",
            &format!("--pid-file={}", at("pid")),
            "--innodb-buffer-pool-size=8M",
        ],
    );
    let client = |text: &str| {
        ordinary("/usr/bin/mariadb", &["--no-defaults", "-uroot", &format!("--socket={socket}"), "-e", text])
            .status()
            .is_ok_and(|status| status.success())
    };
    assert!(eventually(|| client("SELECT 1").then_some(())).is_some(), "the server does not answer");
    let user = "CREATE USER mail@localhost IDENTIFIED BY 'se cret'; GRANT SELECT ON mail.* TO mail@localhost; \
                CREATE USER mail@127.0.0.1 IDENTIFIED BY 'se cret'; GRANT SELECT ON mail.* TO mail@127.0.0.1;";
    assert!(client(&format!(
        "CREATE DATABASE mail; USE mail; {} {user}",
        ROWS.replace("back\\slash", "back\\\\slash")
    )));
    let login = "user = mail\npassword = se cret\ndbname = mail\n";
    sql(&mx, "mysql", &format!("hosts = unix:{socket}\n{login}"));
    // The first host is away, and the next is asked.
    let query = "query = SELECT v FROM t WHERE k = '%s'\n";
    let two = format!("hosts = 127.0.0.1:{}, 127.0.0.1:{port}\n{login}{query}", free_port());
    finds(
        &mx,
        &table(&mx, "mysql", "two.cf", &two),
        &[("joe@a.test", Some("one")), ("back\\slash", Some("slash"))],
    );
    let stranger = format!("hosts = unix:{socket}\nuser = mail\npassword = wrong\ndbname = mail\n{query}");
    fails(&mx, &table(&mx, "mysql", "stranger.cf", &stranger), "two", "connect to mysql server");
    drop(running);
    fails(&mx, &table(&mx, "mysql", "two.cf", &two), "two", "connect to mysql server");
    let _ = fs::remove_dir_all(folder);
}

#[test]
fn pgsql() {
    let Some(mx) = instance() else { return };
    let versions =
        ["17", "16", "15", "14"].map(|version| format!("/usr/lib/postgresql/{version}/bin/initdb"));
    let paths: Vec<&str> = versions.iter().map(String::as_str).collect();
    let Some(initdb) = program(&paths) else { return };
    let programs = Path::new(&initdb).parent().unwrap().to_path_buf();
    let folder = folder(&mx, "pgsql");
    let at = |name: &str| folder.join(name).display().to_string();
    fs::write(at("pw"), "se cret\n").unwrap();
    fs::set_permissions(at("pw"), fs::Permissions::from_mode(0o644)).unwrap();
    let password = format!("--pwfile={}", at("pw"));
    succeed(
        &initdb,
        &["-D", &at("data"), "-U", "mail", "-A", "scram-sha-256", &password, "-E", "UTF8", "--no-sync"],
    );
    let port = free_port();
    let running = start(
        &programs.join("postgres").display().to_string(),
        &["-D", &at("data"), "-k", &at(""), "-p", &port.to_string(), "-c", "listen_addresses=127.0.0.1"],
    );
    let client = |text: &str| {
        let port = port.to_string();
        let mut psql =
            ordinary("psql", &["-q", "-h", &at(""), "-p", &port, "-U", "mail", "-d", "postgres", "-c", text]);
        psql.env("PGPASSWORD", "se cret").status().is_ok_and(|status| status.success())
    };
    assert!(eventually(|| client("SELECT 1").then_some(())).is_some(), "the server does not answer");
    assert!(client(ROWS));
    assert!(client("CREATE FUNCTION f(text) RETURNS text AS 'SELECT ''f '' || $1' LANGUAGE SQL"));
    let login = "user = mail\npassword = se cret\ndbname = postgres\n";
    sql(&mx, "pgsql", &format!("hosts = 127.0.0.1:{port}\n{login}"));
    let query = "query = SELECT v FROM t WHERE k = '%s'\n";
    let two = format!("hosts = 127.0.0.1:{}, 127.0.0.1:{port}\n{login}{query}", free_port());
    finds(
        &mx,
        &table(&mx, "pgsql", "two.cf", &two),
        &[("joe@a.test", Some("one")), ("back\\slash", Some("slash"))],
    );
    let uri = format!("hosts = postgresql://mail:se%20cret@127.0.0.1:{port}/postgres\n{query}");
    finds(&mx, &table(&mx, "pgsql", "uri.cf", &uri), &[("joe@a.test", Some("one"))]);
    let function = format!("hosts = 127.0.0.1:{port}\n{login}select_function = f\n");
    finds(&mx, &table(&mx, "pgsql", "f.cf", &function), &[("x", Some("f x"))]);
    let stranger =
        format!("hosts = 127.0.0.1:{port}\nuser = mail\npassword = wrong\ndbname = postgres\n{query}");
    fails(&mx, &table(&mx, "pgsql", "stranger.cf", &stranger), "two", "connect to pgsql server");
    drop(running);
    fails(&mx, &table(&mx, "pgsql", "two.cf", &two), "two", "connect to pgsql server");
    let _ = fs::remove_dir_all(folder);
}

const DIRECTORY: &str = "dn: dc=test
objectClass: dcObject
objectClass: organization
dc: test
o: test

dn: cn=joe,dc=test
objectClass: inetOrgPerson
cn: joe
sn: joe
mail: joe@a.test
description: one

dn: cn=ann,dc=test
objectClass: inetOrgPerson
cn: ann
sn: ann
mail: ann@a.test
description: two
description: three

dn: cn=a (b)*,dc=test
objectClass: inetOrgPerson
cn: a (b)*
sn: x
mail: odd(*)@a.test
description: odd

dn: cn=all,dc=test
objectClass: groupOfNames
cn: all
member: cn=joe,dc=test
member: cn=ann,dc=test
member: cn=all,dc=test
";

#[test]
fn ldap() {
    let (Some(mx), Some(server), Some(add)) =
        (instance(), program(&["/usr/sbin/slapd"]), program(&["/usr/sbin/slapadd"]))
    else {
        return;
    };
    let folder = folder(&mx, "ldap");
    let at = |name: &str| folder.join(name).display().to_string();
    let settings = format!(
        "include /etc/ldap/schema/core.schema\ninclude /etc/ldap/schema/cosine.schema\n\
         include /etc/ldap/schema/inetorgperson.schema\nmodulepath /usr/lib/ldap\nmoduleload back_mdb\n\
         pidfile {}\ndatabase mdb\nmaxsize 10485760\nsuffix dc=test\nrootdn cn=root,dc=test\nrootpw se cret\n\
         directory {}\naccess to * by * read\n",
        at("pid"),
        at("")
    )
    .replace("rootpw se cret", "rootpw secret");
    for (name, text) in [("conf", settings.as_str()), ("ldif", DIRECTORY)] {
        fs::write(at(name), text).unwrap();
        fs::set_permissions(at(name), fs::Permissions::from_mode(0o644)).unwrap();
    }
    succeed(&add, &["-f", &at("conf"), "-l", &at("ldif")]);
    let port = free_port();
    let url = format!("ldap://127.0.0.1:{port}");
    let running = start(&server, &["-d", "0", "-f", &at("conf"), "-h", &url]);
    let up = || std::net::TcpStream::connect(("127.0.0.1", port)).ok().map(drop);
    assert!(eventually(up).is_some(), "the server does not answer");
    let base = "search_base = dc=test\nbind_dn = cn=root,dc=test\nbind_pw = secret\nversion = 3\n";
    let open =
        |name: &str, text: &str| table(&mx, "ldap", name, &format!("server_host = {url}\n{base}{text}"));
    let by_mail = open("mail.cf", "query_filter = (mail=%s)\nresult_attribute = description\n");
    finds(
        &mx,
        &by_mail,
        &[
            ("joe@a.test", Some("one")),
            ("JOE@A.TEST", Some("one")),
            ("ann@a.test", Some("two,three")),
            ("odd(*)@a.test", Some("odd")),
            ("*", None),
            ("nobody@a.test", None),
        ],
    );
    let group = "query_filter = (cn=%s)\nresult_attribute = mail\nspecial_result_attribute = member\n";
    finds(
        &mx,
        &open("group.cf", group),
        &[("all", Some("joe@a.test,ann@a.test")), ("joe", Some("joe@a.test"))],
    );
    let parts =
        "query_filter = (&(cn=%u)(mail=*@%d))\nresult_attribute = description\nresult_format = %s/%U\n";
    finds(&mx, &open("parts.cf", parts), &[("joe@a.test", Some("one/joe")), ("joe", None)]);
    let narrow =
        "search_base = cn=%u,dc=test\nscope = base\nquery_filter = (mail=%s)\nresult_attribute = sn\n";
    let narrow = table(&mx, "ldap", "narrow.cf", &format!("server_host = {url}\nbind = no\n{narrow}"));
    finds(&mx, &narrow, &[("joe@a.test", Some("joe")), ("x,dc=b@a.test", None)]);
    fails(
        &mx,
        &open("limit.cf", "query_filter = (mail=%s)\nresult_attribute = description\nexpansion_limit = 1\n"),
        "ann@a.test",
        "Expansion limit exceeded",
    );
    let stranger =
        format!("server_host = {url}\n{}query_filter = (mail=%s)\n", base.replace("secret", "wrong"));
    fails(&mx, &table(&mx, "ldap", "stranger.cf", &stranger), "joe@a.test", "Unable to bind to server");
    let two = format!(
        "server_host = ldap://127.0.0.1:{} {url}\n{base}query_filter = (mail=%s)\nresult_attribute = sn\n",
        free_port()
    );
    let two = table(&mx, "ldap", "two.cf", &two);
    finds(&mx, &two, &[("joe@a.test", Some("joe"))]);
    drop(running);
    fails(&mx, &two, "joe@a.test", "Unable to connect to server");
    let _ = fs::remove_dir_all(folder);
}

#[test]
fn memcache() {
    let (Some(mx), Some(server)) = (instance(), program(&["/usr/bin/memcached"])) else { return };
    let folder = folder(&mx, "memcache");
    let port = free_port();
    let port_text = port.to_string();
    let running = start(&server, &["-l", "127.0.0.1", "-p", &port_text, "-m", "8", "-U", "0"]);
    let up = || std::net::TcpStream::connect(("127.0.0.1", port)).ok().map(drop);
    assert!(eventually(up).is_some(), "the server does not answer");
    let place = format!("memcache = inet:127.0.0.1:{port}\n");
    let cache = table(&mx, "memcache", "cache.cf", &format!("{place}key_format = mail:%s\n"));
    finds(&mx, &cache, &[("joe", None)]);
    let put = mx.run("postmap", &["-i", &cache], b"joe one\nann two words\n");
    assert_eq!(put.code, 0, "{}", put.err);
    finds(
        &mx,
        &cache,
        &[("joe", Some("one")), ("JOE", Some("one")), ("ann", Some("two words")), ("with blank", None)],
    );
    assert_eq!(mx.run("postmap", &["-d", "joe", &cache], b"").code, 0);
    assert_eq!(mx.run("postmap", &["-d", "joe", &cache], b"").code, 1);
    finds(&mx, &cache, &[("joe", None)]);
    // With a table behind it: what the cache does not know is put there.
    let backup = mx.etc().join("backup").display().to_string();
    fs::write(&backup, "eve three\n").unwrap();
    assert_eq!(mx.run("postmap", &[&format!("lmdb:{backup}")], b"").code, 0);
    let both = format!("{place}key_format = both:%s\nbackup = lmdb:{backup}\n");
    let both = table(&mx, "memcache", "both.cf", &both);
    finds(&mx, &both, &[("eve", Some("three")), ("joe", None)]);
    let only = table(&mx, "memcache", "only.cf", &format!("{place}key_format = both:%s\n"));
    finds(&mx, &only, &[("eve", Some("three"))]);
    assert_eq!(mx.run("postmap", &["-s", &both], b"").out, "eve\tthree\n");
    drop(running);
    finds(&mx, &both, &[("eve", Some("three"))]);
    fails(&mx, &cache, "ann", "Connection refused");
    let _ = fs::remove_dir_all(folder);
}
