-- Optral 0.1.0, schema 0047; written by python -m lab.tools.freeze_schema
BEGIN TRANSACTION;
CREATE TABLE agent_certificates (
	fingerprint VARCHAR(64) NOT NULL, 
	org_id VARCHAR(30) NOT NULL, 
	cluster_id VARCHAR(30) NOT NULL, 
	serial VARCHAR(40) NOT NULL, 
	chain_pem TEXT NOT NULL, 
	kube_system_uid VARCHAR(100) NOT NULL, 
	replaces BOOLEAN NOT NULL, 
	status VARCHAR(16) NOT NULL, 
	issued_at BIGINT NOT NULL, 
	not_after BIGINT NOT NULL, 
	first_used_at BIGINT, 
	revoked_at BIGINT, 
	revoke_reason VARCHAR(32), 
	generation INTEGER DEFAULT '1' NOT NULL, 
	CONSTRAINT pk_agent_certificates PRIMARY KEY (fingerprint), 
	CONSTRAINT fk_agent_certificates_cluster_id FOREIGN KEY(cluster_id) REFERENCES clusters (id)
);
CREATE TABLE alembic_version (
	version_num VARCHAR(32) NOT NULL, 
	CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)
);
INSERT INTO "alembic_version" VALUES('0047');
CREATE TABLE analyses (
	id VARCHAR(30) NOT NULL, 
	org_id VARCHAR(30) NOT NULL, 
	cluster_id VARCHAR(30) NOT NULL, 
	issue_id VARCHAR(30) NOT NULL, 
	status VARCHAR(12) NOT NULL, 
	"trigger" VARCHAR(12) NOT NULL, 
	requested_by VARCHAR(64) NOT NULL, 
	force BOOLEAN NOT NULL, 
	created_at BIGINT NOT NULL, 
	due_at BIGINT, 
	started_at BIGINT, 
	finished_at BIGINT, 
	attempts INTEGER NOT NULL, 
	evidence_hash VARCHAR(64), 
	cause_id VARCHAR(64), 
	confidence FLOAT, 
	result JSON NOT NULL, 
	failure TEXT, 
	weaker_than VARCHAR(30), 
	feedback JSON, 
	version INTEGER NOT NULL, 
	CONSTRAINT pk_analyses PRIMARY KEY (id)
);
CREATE TABLE analysis_feedback (
	analysis_id VARCHAR(30) NOT NULL, 
	person_id VARCHAR(64) NOT NULL, 
	org_id VARCHAR(30) NOT NULL, 
	cluster_id VARCHAR(30) NOT NULL, 
	issue_type VARCHAR(128) NOT NULL, 
	cause_id VARCHAR(64), 
	is_helpful BOOLEAN NOT NULL, 
	reason VARCHAR(16), 
	actual_cause VARCHAR(64), 
	comment TEXT, 
	created_at BIGINT NOT NULL, 
	updated_at BIGINT NOT NULL, 
	CONSTRAINT pk_analysis_feedback PRIMARY KEY (analysis_id, person_id)
);
CREATE TABLE analysis_settings (
	org_id VARCHAR(30) NOT NULL, 
	is_automatic BOOLEAN NOT NULL, 
	CONSTRAINT pk_analysis_settings PRIMARY KEY (org_id)
);
CREATE TABLE api_keys (
	org_id VARCHAR(30) NOT NULL, 
	id VARCHAR(30) NOT NULL, 
	name VARCHAR(100) NOT NULL, 
	hint VARCHAR(20) NOT NULL, 
	digest BLOB NOT NULL, 
	scopes JSON NOT NULL, 
	clusters JSON, 
	limit_per_minute INTEGER, 
	created_by VARCHAR(30) NOT NULL, 
	created_at BIGINT NOT NULL, 
	expires_at BIGINT NOT NULL, 
	revoked_at BIGINT, 
	last_used_at BIGINT, 
	replaced_by VARCHAR(30), 
	CONSTRAINT pk_api_keys PRIMARY KEY (id), 
	CONSTRAINT fk_api_keys_org_id FOREIGN KEY(org_id) REFERENCES organisations (org_id), 
	CONSTRAINT fk_api_keys_created_by FOREIGN KEY(created_by) REFERENCES members (id), 
	CONSTRAINT uq_api_keys_digest UNIQUE (digest)
);
INSERT INTO "api_keys" VALUES('org_01m8qp6729e45t9hngtvgqfys7','key_01m8qp6759e8z9x65c1w06g60k','kept','mht_UYgA…wn',X'B2DE3C7D961DD267C21747D7534F26EE84D8B0A970CAB87D644D30B1183804E1','["issues:read"]',NULL,NULL,'usr_01m8qp672ae3ybp7mrjwt79ejj',1768478400000000,1776254400000000,NULL,NULL,NULL);
INSERT INTO "api_keys" VALUES('org_01m8qp6729e45t9hngtvgqfys7','key_01m8qp675cevvs7msa82jyfxfw','revoked','mht_drM2…rf',X'342CECC548812108843F234F0FA0B1C9E3C58F657A55D61BF5E3EFFC37D14648','["issues:read"]',NULL,NULL,'usr_01m8qp672ae3ybp7mrjwt79ejj',1768478400000000,1776254400000000,1768478400000000,NULL,NULL);
CREATE TABLE approval_decisions (
	org_id VARCHAR(30) NOT NULL, 
	id VARCHAR(30) NOT NULL, 
	execution_id VARCHAR(30) NOT NULL, 
	approval_id VARCHAR(30) NOT NULL, 
	verdict VARCHAR(12) NOT NULL, 
	member_id VARCHAR(64) NOT NULL, 
	"by" VARCHAR(64) NOT NULL, 
	via VARCHAR(64) NOT NULL, 
	at BIGINT NOT NULL, 
	reason VARCHAR(500), 
	CONSTRAINT pk_approval_decisions PRIMARY KEY (id), 
	CONSTRAINT fk_approval_decisions_execution_id FOREIGN KEY(execution_id) REFERENCES executions (id)
);
CREATE TABLE approvals (
	org_id VARCHAR(30) NOT NULL, 
	id VARCHAR(30) NOT NULL, 
	execution_id VARCHAR(30) NOT NULL, 
	plan_hash VARCHAR(80) NOT NULL, 
	requested_at BIGINT NOT NULL, 
	expires_at BIGINT NOT NULL, 
	decision VARCHAR(10), 
	decided_by VARCHAR(64), 
	decided_via VARCHAR(64), 
	decided_at BIGINT, 
	message VARCHAR(500), 
	needed INTEGER DEFAULT '1' NOT NULL, 
	groups JSON, 
	CONSTRAINT pk_approvals PRIMARY KEY (id), 
	CONSTRAINT fk_approvals_execution_id FOREIGN KEY(execution_id) REFERENCES executions (id)
);
CREATE TABLE audit_heads (
	org_id VARCHAR(30) NOT NULL, 
	seq BIGINT NOT NULL, 
	hash BLOB NOT NULL, 
	base_seq BIGINT NOT NULL, 
	base_hash BLOB NOT NULL, 
	CONSTRAINT pk_audit_heads PRIMARY KEY (org_id)
);
INSERT INTO "audit_heads" VALUES('org_01m8qp6729e45t9hngtvgqfys7',4,X'2354E670FE2A6478477A9FEF2F57988CF7CF67FAA5690AC1E8DD217E38F70782',0,X'0000000000000000000000000000000000000000000000000000000000000000');
CREATE TABLE audit_records (
	org_id VARCHAR(30) NOT NULL, 
	seq BIGINT NOT NULL, 
	id VARCHAR(30) NOT NULL, 
	at BIGINT NOT NULL, 
	actor_kind VARCHAR(10) NOT NULL, 
	actor_id VARCHAR(64) NOT NULL, 
	address VARCHAR(64) NOT NULL, 
	request_id VARCHAR(64) NOT NULL, 
	action VARCHAR(64) NOT NULL, 
	target VARCHAR(300) NOT NULL, 
	outcome VARCHAR(20) NOT NULL, 
	detail TEXT NOT NULL, 
	hash BLOB NOT NULL, 
	cluster_id VARCHAR(30), 
	CONSTRAINT pk_audit_records PRIMARY KEY (org_id, seq), 
	CONSTRAINT uq_audit_records_id UNIQUE (id)
);
INSERT INTO "audit_records" VALUES('org_01m8qp6729e45t9hngtvgqfys7',1,'aud_01m8qp674redxrw4a2nhqatzd3',1768478400000000,'person','usr_01m8qp672ae3ybp7mrjwt79ejj','','','execution.start','exe_01m8qp6746e4xa25sr94wjjd94','success','{"allowDrift":false,"cluster":"cls_01m8qp672ce5t9bg1n2f97jwp2","dryRun":false,"parameters":{"kind":"Deployment","name":"web","namespace":"shop"},"reason":"","runbook":"restart-workload","version":2}',X'D404A3E981F18832F1ACA220D08C9252021706995657B6917617496B7653B367','cls_01m8qp672ce5t9bg1n2f97jwp2');
INSERT INTO "audit_records" VALUES('org_01m8qp6729e45t9hngtvgqfys7',2,'aud_01m8qp675aevdrykkc38g9az3f',1768478400000000,'person','usr_01m8qp672ae3ybp7mrjwt79ejj','','','key.create','key_01m8qp6759e8z9x65c1w06g60k','success','{"clusters":null,"expiresAt":"2026-04-15T12:00:00+00:00","name":"kept","scopes":["issues:read"]}',X'F4FCCF6FC6D4E4AD28ED22A9CE216ACC8B70CBAE37C643A8DBCA9B33B33D6783',NULL);
INSERT INTO "audit_records" VALUES('org_01m8qp6729e45t9hngtvgqfys7',3,'aud_01m8qp675cevvs7msa85qjwh9g',1768478400000000,'person','usr_01m8qp672ae3ybp7mrjwt79ejj','','','key.create','key_01m8qp675cevvs7msa82jyfxfw','success','{"clusters":null,"expiresAt":"2026-04-15T12:00:00+00:00","name":"revoked","scopes":["issues:read"]}',X'4E56DE3FD28BE72DF8AC8FED9577AA438BF411C80FB4C4AE9B005A9F940D03D8',NULL);
INSERT INTO "audit_records" VALUES('org_01m8qp6729e45t9hngtvgqfys7',4,'aud_01m8qp675gemt8ct3r5gqcfk3n',1768478400000000,'person','usr_01m8qp672ae3ybp7mrjwt79ejj','','','key.revoke','key_01m8qp675cevvs7msa82jyfxfw','success','{"name":"revoked"}',X'2354E670FE2A6478477A9FEF2F57988CF7CF67FAA5690AC1E8DD217E38F70782',NULL);
CREATE TABLE authorities (
	name VARCHAR(16) NOT NULL, 
	trust_domain VARCHAR(200) NOT NULL, 
	certificate_pem TEXT NOT NULL, 
	sealed_key BLOB NOT NULL, 
	created_at BIGINT NOT NULL, 
	generation INTEGER DEFAULT '1' NOT NULL, 
	CONSTRAINT pk_authorities PRIMARY KEY (name)
);
CREATE TABLE ca_replicas (
	id VARCHAR(100) NOT NULL, 
	version INTEGER NOT NULL, 
	seen_at BIGINT NOT NULL, 
	CONSTRAINT pk_ca_replicas PRIMARY KEY (id)
);
CREATE TABLE ca_rotation (
	id INTEGER NOT NULL, 
	version INTEGER NOT NULL, 
	phase VARCHAR(16) NOT NULL, 
	current INTEGER NOT NULL, 
	upcoming INTEGER, 
	is_automatic BOOLEAN NOT NULL, 
	since BIGINT, 
	started_at BIGINT, 
	CONSTRAINT pk_ca_rotation PRIMARY KEY (id)
);
INSERT INTO "ca_rotation" VALUES(1,1,'idle',1,NULL,0,NULL,NULL);
CREATE TABLE capture_settings (
	org_id VARCHAR(30) NOT NULL, 
	is_on BOOLEAN NOT NULL, 
	CONSTRAINT pk_capture_settings PRIMARY KEY (org_id)
);
CREATE TABLE captured_logs (
	org_id VARCHAR(30) NOT NULL, 
	issue_id VARCHAR(30) NOT NULL, 
	namespace VARCHAR(253) NOT NULL, 
	pod VARCHAR(253) NOT NULL, 
	container VARCHAR(253) NOT NULL, 
	previous BOOLEAN NOT NULL, 
	cluster_id VARCHAR(30) NOT NULL, 
	due_at BIGINT, 
	attempts INTEGER NOT NULL, 
	text TEXT NOT NULL, 
	truncated BOOLEAN NOT NULL, 
	captured_at BIGINT NOT NULL, 
	failure VARCHAR(255), 
	CONSTRAINT pk_captured_logs PRIMARY KEY (issue_id, namespace, pod, container, previous)
);
CREATE TABLE captured_surroundings (
	issue_id VARCHAR(30) NOT NULL, 
	org_id VARCHAR(30) NOT NULL, 
	cluster_id VARCHAR(30) NOT NULL, 
	captured_at BIGINT NOT NULL, 
	body TEXT NOT NULL, 
	CONSTRAINT pk_captured_surroundings PRIMARY KEY (issue_id)
);
CREATE TABLE change_windows (
	org_id VARCHAR(30) NOT NULL, 
	id VARCHAR(30) NOT NULL, 
	kind VARCHAR(12) NOT NULL, 
	name VARCHAR(100) NOT NULL, 
	reason VARCHAR(500) NOT NULL, 
	cluster_id VARCHAR(30), 
	namespace VARCHAR(253), 
	starts_at BIGINT, 
	ends_at BIGINT, 
	schedule VARCHAR(100), 
	time_zone VARCHAR(64) NOT NULL, 
	duration_s INTEGER, 
	created_by VARCHAR(64) NOT NULL, 
	created_at BIGINT NOT NULL, 
	updated_at BIGINT NOT NULL, 
	version INTEGER NOT NULL, 
	CONSTRAINT pk_change_windows PRIMARY KEY (id)
);
CREATE TABLE clusters (
	id VARCHAR(30) NOT NULL, 
	org_id VARCHAR(30) NOT NULL, 
	name VARCHAR(63) NOT NULL, 
	labels JSON NOT NULL, 
	status VARCHAR(16) NOT NULL, 
	status_reason VARCHAR(32), 
	last_heartbeat_at BIGINT, 
	closed_at BIGINT, 
	closed_reason VARCHAR(32), 
	agent_version VARCHAR(100), 
	agent_instance VARCHAR(100), 
	agent_capabilities JSON NOT NULL, 
	agent_cert_expires_at BIGINT, 
	kubernetes_version VARCHAR(100), 
	kube_system_uid VARCHAR(100), 
	clock_offset_ms BIGINT, 
	trusted_cas JSON, 
	synced_at BIGINT, 
	fence BIGINT NOT NULL, 
	created_at BIGINT NOT NULL, 
	updated_at BIGINT NOT NULL, 
	version INTEGER NOT NULL, 
	deleted_at BIGINT, 
	purged_at BIGINT, 
	CONSTRAINT pk_clusters PRIMARY KEY (id)
);
INSERT INTO "clusters" VALUES('cls_01m8qp672ce5t9bg1n2f97jwp2','org_01m8qp6729e45t9hngtvgqfys7','prod','{}','online',NULL,NULL,NULL,NULL,NULL,NULL,'["commands.v1"]',NULL,NULL,NULL,NULL,NULL,1768478400000000,0,1768478400000000,1768478400000000,2,NULL,NULL);
CREATE TABLE command_outputs (
	command_id VARCHAR(30) NOT NULL, 
	org_id VARCHAR(30) NOT NULL, 
	text TEXT NOT NULL, 
	at BIGINT NOT NULL, 
	CONSTRAINT pk_command_outputs PRIMARY KEY (command_id), 
	CONSTRAINT fk_command_outputs_command_id FOREIGN KEY(command_id) REFERENCES commands (id)
);
CREATE TABLE commands (
	id VARCHAR(30) NOT NULL, 
	org_id VARCHAR(30) NOT NULL, 
	cluster_id VARCHAR(30) NOT NULL, 
	verb VARCHAR(32) NOT NULL, 
	params JSON NOT NULL, 
	target_kind VARCHAR(300) NOT NULL, 
	target_namespace VARCHAR(63), 
	target_name VARCHAR(253) NOT NULL, 
	uid VARCHAR(64) NOT NULL, 
	resource_version VARCHAR(64) NOT NULL, 
	dry_run BOOLEAN NOT NULL, 
	state VARCHAR(16) NOT NULL, 
	code VARCHAR(64), 
	message TEXT, 
	result JSON, 
	fence BIGINT NOT NULL, 
	attempt INTEGER NOT NULL, 
	requested_by VARCHAR(64) NOT NULL, 
	origin VARCHAR(100) NOT NULL, 
	created_at BIGINT NOT NULL, 
	expires_at BIGINT NOT NULL, 
	timeout_s INTEGER NOT NULL, 
	deadline_at BIGINT NOT NULL, 
	sent_at BIGINT, 
	received_at BIGINT, 
	started_at BIGINT, 
	finished_at BIGINT, 
	cancel_reason VARCHAR(200), 
	cancel_fence BIGINT NOT NULL, 
	CONSTRAINT pk_commands PRIMARY KEY (id), 
	CONSTRAINT fk_commands_cluster_id FOREIGN KEY(cluster_id) REFERENCES clusters (id)
);
INSERT INTO "commands" VALUES('cmd_5m8khtpddd34h442m91tvekq92','org_01m8qp6729e45t9hngtvgqfys7','cls_01m8qp672ce5t9bg1n2f97jwp2','restart','{"kind": "Deployment", "namespace": "shop", "name": "web"}','Deployment','shop','web','uid-web','',1,'queued',NULL,NULL,NULL,0,0,'usr_01m8qp672ae3ybp7mrjwt79ejj','execution:exe_01m8qp6746e4xa25sr94wjjd94',1768478400000000,1768478460000000,60,1768478550000000,NULL,NULL,NULL,NULL,NULL,0);
CREATE TABLE connection_attempts (
	org_id VARCHAR(30) NOT NULL, 
	subject_id VARCHAR(30) NOT NULL, 
	code VARCHAR(32) NOT NULL, 
	count INTEGER NOT NULL, 
	first_at BIGINT NOT NULL, 
	last_at BIGINT NOT NULL, 
	address VARCHAR(64) NOT NULL, 
	agent_version VARCHAR(100) NOT NULL, 
	clock_offset_ms BIGINT, 
	CONSTRAINT pk_connection_attempts PRIMARY KEY (org_id, subject_id, code)
);
CREATE TABLE delegations (
	org_id VARCHAR(30) NOT NULL, 
	id VARCHAR(30) NOT NULL, 
	member_id VARCHAR(30) NOT NULL, 
	delegate_id VARCHAR(30) NOT NULL, 
	reason VARCHAR(500) NOT NULL, 
	ends_at BIGINT NOT NULL, 
	created_at BIGINT NOT NULL, 
	CONSTRAINT pk_delegations PRIMARY KEY (id), 
	CONSTRAINT fk_delegations_member_id FOREIGN KEY(member_id) REFERENCES members (id), 
	CONSTRAINT fk_delegations_delegate_id FOREIGN KEY(delegate_id) REFERENCES members (id)
);
CREATE TABLE detector_switches (
	org_id VARCHAR(30) NOT NULL, 
	has_risk BOOLEAN NOT NULL, 
	CONSTRAINT pk_detector_switches PRIMARY KEY (org_id)
);
CREATE TABLE detector_tunings (
	org_id VARCHAR(30) NOT NULL, 
	type VARCHAR(60) NOT NULL, 
	cluster_id VARCHAR(30) NOT NULL, 
	namespace VARCHAR(63) NOT NULL, 
	is_enabled BOOLEAN, 
	open_after_s INTEGER, 
	resolve_after_s INTEGER, 
	severity VARCHAR(10), 
	thresholds JSON, 
	updated_by VARCHAR(64) NOT NULL, 
	updated_at BIGINT NOT NULL, 
	CONSTRAINT pk_detector_tunings PRIMARY KEY (org_id, type, cluster_id, namespace)
);
CREATE TABLE device_logins (
	device_digest BLOB NOT NULL, 
	user_digest BLOB NOT NULL, 
	name VARCHAR(100) NOT NULL, 
	address VARCHAR(64) NOT NULL, 
	state VARCHAR(10) NOT NULL, 
	created_at BIGINT NOT NULL, 
	expires_at BIGINT NOT NULL, 
	organisation_id VARCHAR(30), 
	user_id VARCHAR(30), 
	scopes JSON, 
	key_expires_at BIGINT, 
	CONSTRAINT pk_device_logins PRIMARY KEY (device_digest), 
	CONSTRAINT uq_device_logins_user_digest UNIQUE (user_digest)
);
CREATE TABLE enrollment_tokens (
	hash VARCHAR(64) NOT NULL, 
	org_id VARCHAR(30) NOT NULL, 
	cluster_id VARCHAR(30) NOT NULL, 
	replaces BOOLEAN NOT NULL, 
	created_by VARCHAR(64) NOT NULL, 
	created_at BIGINT NOT NULL, 
	expires_at BIGINT NOT NULL, 
	used_at BIGINT, 
	used_key VARCHAR(64), 
	used_nonce VARCHAR(100), 
	fingerprint VARCHAR(64), 
	CONSTRAINT pk_enrollment_tokens PRIMARY KEY (hash), 
	CONSTRAINT fk_enrollment_tokens_cluster_id FOREIGN KEY(cluster_id) REFERENCES clusters (id)
);
CREATE TABLE event_heads (
	org_id VARCHAR(30) NOT NULL, 
	seq BIGINT NOT NULL, 
	CONSTRAINT pk_event_heads PRIMARY KEY (org_id)
);
INSERT INTO "event_heads" VALUES('org_01m8qp6729e45t9hngtvgqfys7',2);
CREATE TABLE events (
	org_id VARCHAR(30) NOT NULL, 
	seq BIGINT NOT NULL, 
	type VARCHAR(40) NOT NULL, 
	cluster_id VARCHAR(30), 
	subject_id VARCHAR(30) NOT NULL, 
	data JSON NOT NULL, 
	at BIGINT NOT NULL, 
	namespace VARCHAR(253), 
	CONSTRAINT pk_events PRIMARY KEY (org_id, seq)
);
INSERT INTO "events" VALUES('org_01m8qp6729e45t9hngtvgqfys7',1,'runbook.started','cls_01m8qp672ce5t9bg1n2f97jwp2','exe_01m8qp6746e4xa25sr94wjjd94','{"id": "exe_01m8qp6746e4xa25sr94wjjd94", "runbook": {"id": "rbk_49mhxb0nmhtf6zccc2khyvn9sf", "slug": "restart-workload", "name": "Restart a workload", "version": 2}, "status": "queued", "dryRun": false, "cluster": "prod", "clusterId": "cls_01m8qp672ce5t9bg1n2f97jwp2", "issueId": null, "target": {"kind": "Deployment", "namespace": "shop", "name": "web"}, "requestedBy": "usr_01m8qp672ae3ybp7mrjwt79ejj", "triggerId": null, "breakGlass": null, "createdAt": "2026-01-15T12:00:00.000Z", "finishedAt": null, "verification": null, "version": 1}',1768478400000000,'shop');
INSERT INTO "events" VALUES('org_01m8qp6729e45t9hngtvgqfys7',2,'execution.updated','cls_01m8qp672ce5t9bg1n2f97jwp2','exe_01m8qp6746e4xa25sr94wjjd94','{"id": "exe_01m8qp6746e4xa25sr94wjjd94", "runbook": {"id": "rbk_49mhxb0nmhtf6zccc2khyvn9sf", "slug": "restart-workload", "name": "Restart a workload", "version": 2}, "status": "queued", "dryRun": false, "cluster": "prod", "clusterId": "cls_01m8qp672ce5t9bg1n2f97jwp2", "issueId": null, "target": {"kind": "Deployment", "namespace": "shop", "name": "web"}, "requestedBy": "usr_01m8qp672ae3ybp7mrjwt79ejj", "triggerId": null, "breakGlass": null, "createdAt": "2026-01-15T12:00:00.000Z", "finishedAt": null, "verification": null, "version": 1}',1768478400000000,'shop');
CREATE TABLE execution_logs (
	org_id VARCHAR(30) NOT NULL, 
	execution_id VARCHAR(30) NOT NULL, 
	"offset" INTEGER NOT NULL, 
	at BIGINT NOT NULL, 
	step VARCHAR(100), 
	level VARCHAR(8) NOT NULL, 
	message TEXT NOT NULL, 
	CONSTRAINT pk_execution_logs PRIMARY KEY (execution_id, "offset"), 
	CONSTRAINT fk_execution_logs_execution_id FOREIGN KEY(execution_id) REFERENCES executions (id)
);
INSERT INTO "execution_logs" VALUES('org_01m8qp6729e45t9hngtvgqfys7','exe_01m8qp6746e4xa25sr94wjjd94',0,1768478400000000,NULL,'info','restart-workload version 2 on Deployment/shop/web, requested by usr_01m8qp672ae3ybp7mrjwt79ejj');
CREATE TABLE execution_steps (
	org_id VARCHAR(30) NOT NULL, 
	id VARCHAR(30) NOT NULL, 
	execution_id VARCHAR(30) NOT NULL, 
	position INTEGER NOT NULL, 
	name VARCHAR(100) NOT NULL, 
	verb VARCHAR(32) NOT NULL, 
	"values" JSON NOT NULL, 
	is_write BOOLEAN NOT NULL, 
	is_optional BOOLEAN NOT NULL, 
	kind VARCHAR(128) NOT NULL, 
	namespace VARCHAR(253), 
	object_name VARCHAR(253) NOT NULL, 
	uid VARCHAR(255) NOT NULL, 
	state VARCHAR(12) NOT NULL, 
	attempt INTEGER NOT NULL, 
	command_id VARCHAR(30), 
	started_at BIGINT, 
	finished_at BIGINT, 
	code VARCHAR(64), 
	message TEXT, 
	result JSON, 
	pre_image JSON, 
	lock VARCHAR(600), 
	CONSTRAINT pk_execution_steps PRIMARY KEY (id), 
	CONSTRAINT fk_execution_steps_execution_id FOREIGN KEY(execution_id) REFERENCES executions (id)
);
INSERT INTO "execution_steps" VALUES('org_01m8qp6729e45t9hngtvgqfys7','stp_01m8qp6747ej7tv62sh1r36r61','exe_01m8qp6746e4xa25sr94wjjd94',0,'Restart','restart','{"kind": "Deployment", "namespace": "shop", "name": "web"}',1,0,'Deployment','shop','web','uid-web','pending',0,NULL,NULL,NULL,NULL,NULL,NULL,NULL,'cls_01m8qp672ce5t9bg1n2f97jwp2/Deployment/shop/web');
CREATE TABLE executions (
	org_id VARCHAR(30) NOT NULL, 
	id VARCHAR(30) NOT NULL, 
	runbook_id VARCHAR(30) NOT NULL, 
	runbook_slug VARCHAR(63) NOT NULL, 
	runbook_name VARCHAR(100) NOT NULL, 
	runbook_version INTEGER NOT NULL, 
	definition JSON NOT NULL, 
	cluster_id VARCHAR(30) NOT NULL, 
	issue_id VARCHAR(30), 
	status VARCHAR(16) NOT NULL, 
	phase VARCHAR(12) NOT NULL, 
	parameters JSON NOT NULL, 
	dry_run BOOLEAN NOT NULL, 
	allow_drift BOOLEAN NOT NULL, 
	by_pull_request BOOLEAN DEFAULT 0 NOT NULL, 
	reason VARCHAR(500) NOT NULL, 
	target JSON NOT NULL, 
	"plan" JSON, 
	plan_hash VARCHAR(80), 
	requested_by VARCHAR(64) NOT NULL, 
	requested_via VARCHAR(64) NOT NULL, 
	approved_by VARCHAR(64), 
	approved_at BIGINT, 
	expires_at BIGINT, 
	created_at BIGINT NOT NULL, 
	started_at BIGINT, 
	applied_at BIGINT, 
	finished_at BIGINT, 
	updated_at BIGINT NOT NULL, 
	due_at BIGINT, 
	cancel_requested_by VARCHAR(64), 
	verification JSON, 
	failure JSON, 
	retry_of VARCHAR(30), 
	undo_of VARCHAR(30), 
	cause VARCHAR(64), 
	lock VARCHAR(600), 
	trigger_id VARCHAR(30), 
	break_glass VARCHAR(500), 
	namespace VARCHAR(253), 
	log_count INTEGER NOT NULL, 
	version INTEGER NOT NULL, 
	CONSTRAINT pk_executions PRIMARY KEY (id)
);
INSERT INTO "executions" VALUES('org_01m8qp6729e45t9hngtvgqfys7','exe_01m8qp6746e4xa25sr94wjjd94','rbk_49mhxb0nmhtf6zccc2khyvn9sf','restart-workload','Restart a workload',2,'{"slug": "restart-workload", "name": "Restart a workload", "description": "Replaces the pods one at a time, as kubectl rollout restart does. Use it when a process hangs or has read stale configuration. Do not use it when the workload fails again after each start, because a restart does not remove the cause.", "risk": "low", "match": {"issueTypes": ["CrashLoopBackOff", "LivenessProbeFailed", "ReadinessProbeFailed", "CreateContainerConfigError"]}, "scope": {"clusters": [], "namespaces": []}, "parameters": [{"name": "kind", "type": "enum", "required": true, "default": "${target.kind}", "enum": ["Deployment", "StatefulSet", "DaemonSet"], "description": "Kind of the workload"}, {"name": "namespace", "type": "string", "required": true, "default": "${target.namespace}", "description": "Its namespace"}, {"name": "name", "type": "string", "required": true, "default": "${target.name}", "description": "Its name"}], "steps": [{"name": "Restart", "action": "restart", "with": {"kind": "${parameters.kind}", "namespace": "${parameters.namespace}", "name": "${parameters.name}"}}], "approval": {"required": "byRisk", "expiresAfterSeconds": 900}, "cooldownSeconds": 300, "concurrency": "perTarget", "verify": {"stableSeconds": 60, "timeoutSeconds": 600}}','cls_01m8qp672ce5t9bg1n2f97jwp2',NULL,'queued','planning','{"kind": "Deployment", "namespace": "shop", "name": "web"}',0,0,0,'','{"kind": "Deployment", "namespace": "shop", "name": "web"}',NULL,NULL,'usr_01m8qp672ae3ybp7mrjwt79ejj','usr_01m8qp672ae3ybp7mrjwt79ejj',NULL,NULL,NULL,1768478400000000,NULL,NULL,NULL,1768478400000000,1768478402000000,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,'shop',1,1);
CREATE TABLE fleet_enrollments (
	cluster_id VARCHAR(30) NOT NULL, 
	org_id VARCHAR(30) NOT NULL, 
	token_id VARCHAR(30) NOT NULL, 
	state VARCHAR(16) NOT NULL, 
	kube_system_uid VARCHAR(100) NOT NULL, 
	address VARCHAR(64) NOT NULL, 
	used_key VARCHAR(64) NOT NULL, 
	used_nonce VARCHAR(100) NOT NULL, 
	used_at BIGINT NOT NULL, 
	fingerprint VARCHAR(64), 
	decided_by VARCHAR(64), 
	decided_at BIGINT, 
	CONSTRAINT pk_fleet_enrollments PRIMARY KEY (cluster_id), 
	CONSTRAINT fk_fleet_enrollments_cluster_id FOREIGN KEY(cluster_id) REFERENCES clusters (id), 
	CONSTRAINT fk_fleet_enrollments_token_id FOREIGN KEY(token_id) REFERENCES fleet_tokens (id)
);
CREATE TABLE fleet_tokens (
	id VARCHAR(30) NOT NULL, 
	org_id VARCHAR(30) NOT NULL, 
	hash VARCHAR(64) NOT NULL, 
	name VARCHAR(63) NOT NULL, 
	name_pattern VARCHAR(80) NOT NULL, 
	labels JSON NOT NULL, 
	max_uses INTEGER NOT NULL, 
	uses INTEGER NOT NULL, 
	sources JSON NOT NULL, 
	needs_approval BOOLEAN NOT NULL, 
	created_by VARCHAR(64) NOT NULL, 
	created_at BIGINT NOT NULL, 
	expires_at BIGINT NOT NULL, 
	last_used_at BIGINT, 
	revoked_at BIGINT, 
	CONSTRAINT pk_fleet_tokens PRIMARY KEY (id)
);
CREATE TABLE forges (
	org_id VARCHAR(30) NOT NULL, 
	id VARCHAR(30) NOT NULL, 
	name VARCHAR(100) NOT NULL, 
	kind VARCHAR(10) NOT NULL, 
	base_url VARCHAR(500) NOT NULL, 
	repositories JSON NOT NULL, 
	branch_prefix VARCHAR(40) NOT NULL, 
	token BLOB NOT NULL, 
	secret BLOB, 
	created_by VARCHAR(64) NOT NULL, 
	created_at BIGINT NOT NULL, 
	updated_at BIGINT NOT NULL, 
	revision INTEGER NOT NULL, 
	CONSTRAINT pk_forges PRIMARY KEY (id)
);
CREATE TABLE idempotent_answers (
	org_id VARCHAR(30) NOT NULL, 
	actor_id VARCHAR(64) NOT NULL, 
	"key" VARCHAR(64) NOT NULL, 
	digest VARCHAR(64) NOT NULL, 
	sealed BLOB, 
	created_at BIGINT NOT NULL, 
	CONSTRAINT pk_idempotent_answers PRIMARY KEY (org_id, actor_id, "key")
);
CREATE TABLE invites (
	org_id VARCHAR(30) NOT NULL, 
	id VARCHAR(30) NOT NULL, 
	digest BLOB NOT NULL, 
	role VARCHAR(10) NOT NULL, 
	email VARCHAR(254), 
	created_by VARCHAR(64) NOT NULL, 
	created_at BIGINT NOT NULL, 
	expires_at BIGINT NOT NULL, 
	CONSTRAINT pk_invites PRIMARY KEY (id), 
	CONSTRAINT fk_invites_org_id FOREIGN KEY(org_id) REFERENCES organisations (org_id), 
	CONSTRAINT uq_invites_digest UNIQUE (digest)
);
CREATE TABLE issue_activity (
	org_id VARCHAR(30) NOT NULL, 
	id VARCHAR(30) NOT NULL, 
	issue_id VARCHAR(30) NOT NULL, 
	at BIGINT NOT NULL, 
	actor_kind VARCHAR(10) NOT NULL, 
	actor_id VARCHAR(30) NOT NULL, 
	action VARCHAR(24) NOT NULL, 
	detail JSON NOT NULL, 
	CONSTRAINT pk_issue_activity PRIMARY KEY (id)
);
CREATE TABLE issue_comments (
	id VARCHAR(30) NOT NULL, 
	org_id VARCHAR(30) NOT NULL, 
	issue_id VARCHAR(30) NOT NULL, 
	author_id VARCHAR(64) NOT NULL, 
	key_id VARCHAR(30), 
	body TEXT NOT NULL, 
	created_at BIGINT NOT NULL, 
	edited_at BIGINT, 
	CONSTRAINT pk_issue_comments PRIMARY KEY (id)
);
CREATE TABLE issue_conditions (
	org_id VARCHAR(30) NOT NULL, 
	cluster_id VARCHAR(30) NOT NULL, 
	uid VARCHAR(255) NOT NULL, 
	fingerprint VARCHAR(64) NOT NULL, 
	type VARCHAR(128) NOT NULL, 
	state VARCHAR(10) NOT NULL, 
	issue_id VARCHAR(30), 
	kind VARCHAR(128) NOT NULL, 
	namespace VARCHAR(253), 
	name VARCHAR(253) NOT NULL, 
	subject_kind VARCHAR(128) NOT NULL, 
	subject_namespace VARCHAR(253), 
	subject_name VARCHAR(253) NOT NULL, 
	part VARCHAR(253), 
	severity VARCHAR(10) NOT NULL, 
	title TEXT NOT NULL, 
	category VARCHAR(64) NOT NULL, 
	since BIGINT NOT NULL, 
	opens_at BIGINT NOT NULL, 
	expires_at BIGINT, 
	opened_at BIGINT, 
	false_since BIGINT, 
	occurrence VARCHAR(255), 
	resolve_after_s INTEGER NOT NULL, 
	facts JSON NOT NULL, 
	suspects JSON DEFAULT '[]' NOT NULL, 
	due_at BIGINT, 
	CONSTRAINT pk_issue_conditions PRIMARY KEY (cluster_id, uid, fingerprint)
);
CREATE TABLE issue_groupings (
	cluster_id VARCHAR(30) NOT NULL, 
	org_id VARCHAR(30) NOT NULL, 
	due_at BIGINT NOT NULL, 
	CONSTRAINT pk_issue_groupings PRIMARY KEY (cluster_id)
);
CREATE TABLE issue_kin (
	issue_id VARCHAR(30) NOT NULL, 
	org_id VARCHAR(30) NOT NULL, 
	cluster_id VARCHAR(30) NOT NULL, 
	ailment TEXT NOT NULL, 
	relation VARCHAR(255), 
	attached_at BIGINT, 
	orphaned_at BIGINT, 
	CONSTRAINT pk_issue_kin PRIMARY KEY (issue_id)
);
CREATE TABLE issue_looks (
	org_id VARCHAR(30) NOT NULL, 
	cluster_id VARCHAR(30) NOT NULL, 
	uid VARCHAR(255) NOT NULL, 
	due_at BIGINT NOT NULL, 
	CONSTRAINT pk_issue_looks PRIMARY KEY (cluster_id, uid)
);
CREATE TABLE issue_texts (
	org_id VARCHAR(30) NOT NULL, 
	issue_id VARCHAR(30) NOT NULL, 
	text TEXT NOT NULL, 
	CONSTRAINT pk_issue_texts PRIMARY KEY (org_id, issue_id)
)
 WITHOUT ROWID

;
CREATE TABLE issue_views (
	id VARCHAR(30) NOT NULL, 
	org_id VARCHAR(30) NOT NULL, 
	owner_id VARCHAR(64) NOT NULL, 
	name VARCHAR(100) NOT NULL, 
	"query" VARCHAR(500) NOT NULL, 
	sort VARCHAR(20) NOT NULL, 
	is_shared BOOLEAN NOT NULL, 
	created_at BIGINT NOT NULL, 
	updated_at BIGINT NOT NULL, 
	version INTEGER NOT NULL, 
	display JSON DEFAULT '{}' NOT NULL, 
	CONSTRAINT pk_issue_views PRIMARY KEY (id)
);
CREATE TABLE issues (
	id VARCHAR(30) NOT NULL, 
	org_id VARCHAR(30) NOT NULL, 
	cluster_id VARCHAR(30) NOT NULL, 
	fingerprint VARCHAR(64) NOT NULL, 
	type VARCHAR(128) NOT NULL, 
	severity VARCHAR(10) NOT NULL, 
	severity_rank SMALLINT NOT NULL, 
	status VARCHAR(12) NOT NULL, 
	status_rank SMALLINT NOT NULL, 
	substatus VARCHAR(16) NOT NULL, 
	resource VARCHAR(253) NOT NULL, 
	resource_id VARCHAR(30), 
	resource_kind VARCHAR(128) NOT NULL, 
	namespace VARCHAR(253), 
	owner_kind VARCHAR(128) NOT NULL, 
	owner_name VARCHAR(253) NOT NULL, 
	container VARCHAR(253), 
	title TEXT NOT NULL, 
	category VARCHAR(64) NOT NULL, 
	detected_at BIGINT NOT NULL, 
	first_seen_at BIGINT NOT NULL, 
	last_seen_at BIGINT NOT NULL, 
	moved_at BIGINT NOT NULL, 
	resolved_at BIGINT, 
	resolved_by VARCHAR(64), 
	resolution VARCHAR(24), 
	count INTEGER NOT NULL, 
	affected JSON NOT NULL, 
	affected_total INTEGER NOT NULL, 
	affected_at_start INTEGER NOT NULL, 
	occurrences INTEGER NOT NULL, 
	reopened JSON NOT NULL, 
	assignee VARCHAR(64), 
	labels JSON NOT NULL, 
	parent_issue_id VARCHAR(30), 
	previous_issue_id VARCHAR(30), 
	facts JSON NOT NULL, 
	has_analysis BOOLEAN NOT NULL, 
	version INTEGER NOT NULL, 
	told_at BIGINT NOT NULL, 
	told_count INTEGER NOT NULL, 
	pace JSON DEFAULT '{}' NOT NULL, 
	family_severity VARCHAR(10), 
	shown_as VARCHAR(16) DEFAULT 'ongoing' NOT NULL, 
	snooze JSON, 
	snoozed_until BIGINT, 
	mute_rule_id VARCHAR(30), 
	comment_count INTEGER DEFAULT '0' NOT NULL, 
	CONSTRAINT pk_issues PRIMARY KEY (id)
);
CREATE TABLE kubernetes_events (
	org_id VARCHAR(30) NOT NULL, 
	cluster_id VARCHAR(30) NOT NULL, 
	uid VARCHAR(128) NOT NULL, 
	resource_version VARCHAR(64) NOT NULL, 
	namespace VARCHAR(253) NOT NULL, 
	kind VARCHAR(128) NOT NULL, 
	name VARCHAR(253) NOT NULL, 
	object_uid VARCHAR(128) NOT NULL, 
	type VARCHAR(32) NOT NULL, 
	reason VARCHAR(128) NOT NULL, 
	message TEXT NOT NULL, 
	source VARCHAR(253) NOT NULL, 
	count INTEGER NOT NULL, 
	first_at BIGINT NOT NULL, 
	last_at BIGINT NOT NULL, 
	seen_at BIGINT NOT NULL, 
	manifest BLOB NOT NULL, 
	CONSTRAINT pk_kubernetes_events PRIMARY KEY (cluster_id, uid)
);
CREATE TABLE member_bindings (
	org_id VARCHAR(30) NOT NULL, 
	id VARCHAR(30) NOT NULL, 
	user_id VARCHAR(30) NOT NULL, 
	role VARCHAR(10) NOT NULL, 
	clusters JSON, 
	namespaces JSON, 
	cluster_labels JSON, 
	ends_at BIGINT, 
	created_by VARCHAR(64) NOT NULL, 
	created_at BIGINT NOT NULL, 
	CONSTRAINT pk_member_bindings PRIMARY KEY (id), 
	CONSTRAINT fk_member_bindings_user_id FOREIGN KEY(user_id) REFERENCES members (id)
);
CREATE TABLE members (
	org_id VARCHAR(30) NOT NULL, 
	id VARCHAR(30) NOT NULL, 
	email VARCHAR(254) NOT NULL, 
	role VARCHAR(10) NOT NULL, 
	created_at BIGINT NOT NULL, 
	password_hash VARCHAR(300), 
	signed_in_at BIGINT, 
	removed_at BIGINT, 
	is_limited BOOLEAN DEFAULT 0 NOT NULL, 
	CONSTRAINT pk_members PRIMARY KEY (id), 
	CONSTRAINT uq_members_org_id_email UNIQUE (org_id, email), 
	CONSTRAINT fk_members_org_id FOREIGN KEY(org_id) REFERENCES organisations (org_id)
);
INSERT INTO "members" VALUES('org_01m8qp6729e45t9hngtvgqfys7','usr_01m8qp672ae3ybp7mrjwt79ejj','owner@example.org','owner',1768478400000000,NULL,NULL,NULL,0);
CREATE TABLE model_settings (
	org_id VARCHAR(30) NOT NULL, 
	destination VARCHAR(300) NOT NULL, 
	CONSTRAINT pk_model_settings PRIMARY KEY (org_id)
);
CREATE TABLE model_spending (
	org_id VARCHAR(30) NOT NULL, 
	day VARCHAR(10) NOT NULL, 
	requests INTEGER NOT NULL, 
	input_tokens BIGINT NOT NULL, 
	output_tokens BIGINT NOT NULL, 
	cost_micros BIGINT NOT NULL, 
	booked_tokens BIGINT NOT NULL, 
	booked_micros BIGINT NOT NULL, 
	CONSTRAINT pk_model_spending PRIMARY KEY (org_id, day)
);
CREATE TABLE mute_rules (
	id VARCHAR(30) NOT NULL, 
	org_id VARCHAR(30) NOT NULL, 
	reason VARCHAR(1000) NOT NULL, 
	"match" JSON NOT NULL, 
	expires_at BIGINT, 
	created_by VARCHAR(64) NOT NULL, 
	created_at BIGINT NOT NULL, 
	updated_at BIGINT NOT NULL, 
	version INTEGER NOT NULL, 
	ended_at BIGINT, 
	swept_to VARCHAR(30), 
	CONSTRAINT pk_mute_rules PRIMARY KEY (id)
);
CREATE TABLE notification_settings (
	org_id VARCHAR(30) NOT NULL, 
	user_id VARCHAR(30) NOT NULL, 
	is_on BOOLEAN NOT NULL, 
	criticals BOOLEAN NOT NULL, 
	approvals BOOLEAN NOT NULL, 
	quiet_from VARCHAR(5), 
	quiet_until VARCHAR(5), 
	time_zone VARCHAR(64), 
	CONSTRAINT pk_notification_settings PRIMARY KEY (user_id)
);
CREATE TABLE organisations (
	org_id VARCHAR(30) NOT NULL, 
	name VARCHAR(100) NOT NULL, 
	"plan" VARCHAR(20) NOT NULL, 
	created_at BIGINT NOT NULL, 
	CONSTRAINT pk_organisations PRIMARY KEY (org_id), 
	CONSTRAINT uq_organisations_name UNIQUE (name)
);
INSERT INTO "organisations" VALUES('org_01m8qp6729e45t9hngtvgqfys7','Test','enterprise',1768478400000000);
CREATE TABLE proposals (
	org_id VARCHAR(30) NOT NULL, 
	id VARCHAR(30) NOT NULL, 
	execution_id VARCHAR(30) NOT NULL, 
	cluster_id VARCHAR(30) NOT NULL, 
	forge_id VARCHAR(30) NOT NULL, 
	repository VARCHAR(255) NOT NULL, 
	folder VARCHAR(500) NOT NULL, 
	base VARCHAR(255) NOT NULL, 
	branch VARCHAR(100) NOT NULL, 
	keepers JSON NOT NULL, 
	state VARCHAR(10) NOT NULL, 
	number BIGINT, 
	url VARCHAR(1000), 
	patch TEXT, 
	notes JSON NOT NULL, 
	merge_commit VARCHAR(64), 
	applied_revision VARCHAR(255), 
	code VARCHAR(64), 
	message VARCHAR(1000), 
	failures INTEGER NOT NULL, 
	due_at BIGINT, 
	expires_at BIGINT NOT NULL, 
	created_at BIGINT NOT NULL, 
	updated_at BIGINT NOT NULL, 
	merged_at BIGINT, 
	ended_at BIGINT, 
	CONSTRAINT pk_proposals PRIMARY KEY (id)
);
CREATE TABLE rate_windows (
	bucket VARCHAR(100) NOT NULL, 
	used INTEGER NOT NULL, 
	ends_at BIGINT NOT NULL, 
	CONSTRAINT pk_rate_windows PRIMARY KEY (bucket)
);
CREATE TABLE resource_counts (
	org_id VARCHAR(30) NOT NULL, 
	cluster_id VARCHAR(30) NOT NULL, 
	kind VARCHAR(128) NOT NULL, 
	namespace VARCHAR(253) NOT NULL, 
	count INTEGER NOT NULL, 
	CONSTRAINT pk_resource_counts PRIMARY KEY (org_id, cluster_id, kind, namespace)
);
INSERT INTO "resource_counts" VALUES('org_01m8qp6729e45t9hngtvgqfys7','cls_01m8qp672ce5t9bg1n2f97jwp2','Deployment.apps','shop',1);
INSERT INTO "resource_counts" VALUES('org_01m8qp6729e45t9hngtvgqfys7','cls_01m8qp672ce5t9bg1n2f97jwp2','Node','',1);
INSERT INTO "resource_counts" VALUES('org_01m8qp6729e45t9hngtvgqfys7','cls_01m8qp672ce5t9bg1n2f97jwp2','Pod','shop',1);
CREATE TABLE resource_dictionaries (
	org_id VARCHAR(30) NOT NULL, 
	cluster_id VARCHAR(30) NOT NULL, 
	number INTEGER NOT NULL, 
	data BLOB NOT NULL, 
	made_at BIGINT NOT NULL, 
	CONSTRAINT pk_resource_dictionaries PRIMARY KEY (cluster_id, number)
);
CREATE TABLE resource_history (
	org_id VARCHAR(30) NOT NULL, 
	resource_id VARCHAR(30) NOT NULL, 
	revision INTEGER NOT NULL, 
	cluster_id VARCHAR(30) NOT NULL, 
	kind VARCHAR(128) NOT NULL, 
	namespace VARCHAR(253) NOT NULL, 
	name VARCHAR(253) NOT NULL, 
	action VARCHAR(16) NOT NULL, 
	at BIGINT NOT NULL, 
	generation BIGINT, 
	manager VARCHAR(253), 
	operation VARCHAR(32), 
	diff JSON NOT NULL, 
	truncated BOOLEAN NOT NULL, 
	CONSTRAINT pk_resource_history PRIMARY KEY (resource_id, revision)
);
CREATE TABLE resource_kinds (
	org_id VARCHAR(30) NOT NULL, 
	cluster_id VARCHAR(30) NOT NULL, 
	kind VARCHAR(128) NOT NULL, 
	phase VARCHAR(16) NOT NULL, 
	generation VARCHAR(64) NOT NULL, 
	incoming VARCHAR(64) NOT NULL, 
	removed INTEGER NOT NULL, 
	confirm VARCHAR(128) NOT NULL, 
	count INTEGER NOT NULL, 
	digest BLOB NOT NULL, 
	changed_at BIGINT NOT NULL, 
	CONSTRAINT pk_resource_kinds PRIMARY KEY (cluster_id, kind)
);
INSERT INTO "resource_kinds" VALUES('org_01m8qp6729e45t9hngtvgqfys7','cls_01m8qp672ce5t9bg1n2f97jwp2','Deployment.apps','','','',0,'',1,X'63392F74AFB42926E327DE5E7A6C85FB',1768478400000000);
INSERT INTO "resource_kinds" VALUES('org_01m8qp6729e45t9hngtvgqfys7','cls_01m8qp672ce5t9bg1n2f97jwp2','Node','','','',0,'',1,X'80D8E543D8900E11913F35BFDD1607EC',1768478400000000);
INSERT INTO "resource_kinds" VALUES('org_01m8qp6729e45t9hngtvgqfys7','cls_01m8qp672ce5t9bg1n2f97jwp2','Pod','','','',0,'',1,X'B1F119B66FDE69167C61A46C56DB3080',1768478400000000);
CREATE TABLE resource_labels (
	org_id VARCHAR(30) NOT NULL, 
	label TEXT NOT NULL, 
	number BIGINT NOT NULL, 
	CONSTRAINT pk_resource_labels PRIMARY KEY (org_id, label, number)
)
 WITHOUT ROWID

;
CREATE TABLE resource_names (
	org_id VARCHAR(30) NOT NULL, 
	term VARCHAR(64) NOT NULL, 
	number BIGINT NOT NULL, 
	cluster_id VARCHAR(30) NOT NULL, 
	namespace VARCHAR(253) NOT NULL, 
	name VARCHAR(253) NOT NULL, 
	is_derived BOOLEAN NOT NULL, 
	place SMALLINT NOT NULL, 
	CONSTRAINT pk_resource_names PRIMARY KEY (org_id, term, number)
)
 WITHOUT ROWID

;
INSERT INTO "resource_names" VALUES('org_01m8qp6729e45t9hngtvgqfys7','1',80473495406699427,'cls_01m8qp672ce5t9bg1n2f97jwp2','shop','web-1',0,4);
INSERT INTO "resource_names" VALUES('org_01m8qp6729e45t9hngtvgqfys7','n1',4140993099329265857,'cls_01m8qp672ce5t9bg1n2f97jwp2','','n1',0,0);
INSERT INTO "resource_names" VALUES('org_01m8qp6729e45t9hngtvgqfys7','web',865814468104070162,'cls_01m8qp672ce5t9bg1n2f97jwp2','shop','web',0,0);
INSERT INTO "resource_names" VALUES('org_01m8qp6729e45t9hngtvgqfys7','web-1',80473495406699427,'cls_01m8qp672ce5t9bg1n2f97jwp2','shop','web-1',0,0);
CREATE TABLE resource_sets (
	number BIGINT NOT NULL, 
	org_id VARCHAR(30) NOT NULL, 
	cluster_id VARCHAR(30) NOT NULL, 
	namespace VARCHAR(253) NOT NULL, 
	name VARCHAR(253) NOT NULL, 
	is_derived BOOLEAN NOT NULL, 
	labels TEXT NOT NULL, 
	checked_at BIGINT NOT NULL, 
	CONSTRAINT pk_resource_sets PRIMARY KEY (number)
);
INSERT INTO "resource_sets" VALUES(80473495406699427,'org_01m8qp6729e45t9hngtvgqfys7','cls_01m8qp672ce5t9bg1n2f97jwp2','shop','web-1',0,'{}',1768478400000000);
INSERT INTO "resource_sets" VALUES(865814468104070162,'org_01m8qp6729e45t9hngtvgqfys7','cls_01m8qp672ce5t9bg1n2f97jwp2','shop','web',0,'{}',1768478400000000);
INSERT INTO "resource_sets" VALUES(4140993099329265857,'org_01m8qp6729e45t9hngtvgqfys7','cls_01m8qp672ce5t9bg1n2f97jwp2','','n1',0,'{}',1768478400000000);
CREATE TABLE resource_words (
	org_id VARCHAR(30) NOT NULL, 
	word VARCHAR(64) NOT NULL, 
	CONSTRAINT pk_resource_words PRIMARY KEY (org_id, word)
)
 WITHOUT ROWID

;
INSERT INTO "resource_words" VALUES('org_01m8qp6729e45t9hngtvgqfys7','web');
CREATE TABLE resources (
	id VARCHAR(30) NOT NULL, 
	org_id VARCHAR(30) NOT NULL, 
	cluster_id VARCHAR(30) NOT NULL, 
	kind VARCHAR(128) NOT NULL, 
	uid VARCHAR(128) NOT NULL, 
	namespace VARCHAR(253) NOT NULL, 
	name VARCHAR(253) NOT NULL, 
	resource_version VARCHAR(64) NOT NULL, 
	snapshot VARCHAR(64) NOT NULL, 
	generation BIGINT, 
	intent VARCHAR(32) NOT NULL, 
	revision INTEGER NOT NULL, 
	owner_kind VARCHAR(128), 
	owner_name VARCHAR(253), 
	owner_uid VARCHAR(128), 
	labels JSON NOT NULL, 
	set_number BIGINT, 
	place VARCHAR(300), 
	status VARCHAR(128), 
	state SMALLINT DEFAULT '2' NOT NULL, 
	created_at BIGINT, 
	updated_at BIGINT NOT NULL, 
	manifest BLOB NOT NULL, 
	CONSTRAINT pk_resources PRIMARY KEY (id)
);
INSERT INTO "resources" VALUES('res_0whb437d31rs2n7186wttpc9r5','org_01m8qp6729e45t9hngtvgqfys7','cls_01m8qp672ce5t9bg1n2f97jwp2','Deployment.apps','uid-web','shop','web','10','',1,'g1',1,NULL,NULL,NULL,'{}',865814468104070162,NULL,'1/1',2,NULL,1768478400000000,X'28B52FFD6071005D0600C24C251D7049AA03D607F44D48E506242843361B3B7581A0104E6619CBE4FF1F66EF1D158934119938F95670BE799831708E6877C53236F73D84F79E952040C0589C682B3DAD264556960758ECDA95E6AA65BE8958FABA348AD89B397346F2CC968233C9DC532A237907163BF42291911C36DBD5138CC4000763B15AEADA0D6E9AB1DC9BA1F8A861242EBE602C7E4AE5038B73F3E43EF90813003BB973B3D3393277BE0B4A83CED12105E632D7D41D17F0181F60662B52057E5EFE35B93DDA370C62E0E62035534C6D7902');
INSERT INTO "resources" VALUES('res_63k24vwmsam0zehg9jkqyqtr6t','org_01m8qp6729e45t9hngtvgqfys7','cls_01m8qp672ce5t9bg1n2f97jwp2','Node','uid-n1','','n1','10','',1,'g1',1,NULL,NULL,NULL,'{}',4140993099329265857,NULL,NULL,2,NULL,1768478400000000,X'28B52FFD208745030012071618A0A739153621606DCBD0663F37B1F15F188193BC44550C02AD7D350587BE12A9EB9C60162DF3C2FA486BECD0AB27527DA4A84C471FF88801C5874647B1E9819BB48E7D1AD0A7583EE2827CE81B89CC0E9D2A4FAA1B66010400C9201A6E8EA73957BACA13');
INSERT INTO "resources" VALUES('res_43tm9nr3r3jjvgx3jfpc8za54y','org_01m8qp6729e45t9hngtvgqfys7','cls_01m8qp672ce5t9bg1n2f97jwp2','Pod','uid-pod','shop','web-1','10','',1,'',1,NULL,NULL,NULL,'{}',80473495406699427,' pods=1',NULL,2,NULL,1768478400000000,X'28B52FFD20988D03000248181990A5CD013056231444C4DCFE92DD80E7AE48CDA6C0A4C97D72AD31E3F758B9B668DAFBDA1302D89269D5C8735F63C66FA14316F791954A8F0EEE7B80DCF88388552AD0A20EB4AAEEBB4149C01BE2B8EF441834E0C6AB91E7CCF85C6972A97116040045E93B863B707374751532');
CREATE TABLE runbook_switches (
	org_id VARCHAR(30) NOT NULL, 
	is_paused BOOLEAN NOT NULL, 
	"by" VARCHAR(64), 
	at BIGINT, 
	reason VARCHAR(500) NOT NULL, 
	CONSTRAINT pk_runbook_switches PRIMARY KEY (org_id)
);
CREATE TABLE runbook_versions (
	org_id VARCHAR(30) NOT NULL, 
	runbook_id VARCHAR(30) NOT NULL, 
	version INTEGER NOT NULL, 
	definition JSON NOT NULL, 
	created_by VARCHAR(64) NOT NULL, 
	created_at BIGINT NOT NULL, 
	source TEXT, 
	CONSTRAINT pk_runbook_versions PRIMARY KEY (runbook_id, version), 
	CONSTRAINT fk_runbook_versions_runbook_id FOREIGN KEY(runbook_id) REFERENCES runbooks (id)
);
CREATE TABLE runbooks (
	org_id VARCHAR(30) NOT NULL, 
	id VARCHAR(30) NOT NULL, 
	slug VARCHAR(63) NOT NULL, 
	version INTEGER NOT NULL, 
	is_enabled BOOLEAN NOT NULL, 
	revision INTEGER NOT NULL, 
	created_by VARCHAR(64) NOT NULL, 
	created_at BIGINT NOT NULL, 
	updated_at BIGINT NOT NULL, 
	deleted_at BIGINT, 
	CONSTRAINT pk_runbooks PRIMARY KEY (id)
);
CREATE TABLE safeguards (
	org_id VARCHAR(30) NOT NULL, 
	unattended_risk VARCHAR(10) NOT NULL, 
	limits JSON NOT NULL, 
	approval_rules JSON DEFAULT '[]' NOT NULL, 
	break_glass_roles JSON DEFAULT '["owner"]' NOT NULL, 
	updated_by VARCHAR(64), 
	updated_at BIGINT, 
	version INTEGER NOT NULL, 
	CONSTRAINT pk_safeguards PRIMARY KEY (org_id)
);
CREATE TABLE secret_checks (
	name VARCHAR(40) NOT NULL, 
	value BLOB NOT NULL, 
	CONSTRAINT pk_secret_checks PRIMARY KEY (name)
);
INSERT INTO "secret_checks" VALUES('pepper',X'3E40C71BFFCFACC87BAAD9A7824344E71F650C869A6A4DF113831A8970BF63B9');
INSERT INTO "secret_checks" VALUES('key_encryption_key',X'5F7136589B112FD3679615CC3B9550319EF69ADA5DC35A29A97C2B6E709F997C');
CREATE TABLE sessions (
	org_id VARCHAR(30) NOT NULL, 
	id VARCHAR(30) NOT NULL, 
	user_id VARCHAR(30) NOT NULL, 
	digest BLOB NOT NULL, 
	created_at BIGINT NOT NULL, 
	seen_at BIGINT NOT NULL, 
	confirmed_at BIGINT NOT NULL, 
	expires_at BIGINT NOT NULL, 
	address VARCHAR(64), 
	device VARCHAR(200), 
	CONSTRAINT pk_sessions PRIMARY KEY (id), 
	CONSTRAINT fk_sessions_user_id FOREIGN KEY(user_id) REFERENCES members (id), 
	CONSTRAINT uq_sessions_digest UNIQUE (digest)
);
CREATE TABLE setup_links (
	digest BLOB NOT NULL, 
	organisation_id VARCHAR(30), 
	expires_at BIGINT NOT NULL, 
	CONSTRAINT pk_setup_links PRIMARY KEY (digest)
);
CREATE TABLE trigger_firings (
	org_id VARCHAR(30) NOT NULL, 
	id VARCHAR(30) NOT NULL, 
	trigger_id VARCHAR(30) NOT NULL, 
	"key" VARCHAR(120) NOT NULL, 
	state VARCHAR(10) NOT NULL, 
	issue_id VARCHAR(30), 
	parameters JSON NOT NULL, 
	execution_id VARCHAR(30), 
	outcome VARCHAR(16), 
	code VARCHAR(64), 
	reason VARCHAR(500), 
	next_allowed_at BIGINT, 
	due_at BIGINT, 
	created_at BIGINT NOT NULL, 
	settled_at BIGINT, 
	CONSTRAINT pk_trigger_firings PRIMARY KEY (id)
);
CREATE TABLE triggers (
	org_id VARCHAR(30) NOT NULL, 
	id VARCHAR(30) NOT NULL, 
	name VARCHAR(100) NOT NULL, 
	source VARCHAR(10) NOT NULL, 
	runbook VARCHAR(63) NOT NULL, 
	cluster_id VARCHAR(30), 
	parameters JSON NOT NULL, 
	"match" JSON NOT NULL, 
	schedule VARCHAR(100), 
	time_zone VARCHAR(64) NOT NULL, 
	next_at BIGINT, 
	accepts JSON NOT NULL, 
	secret BLOB, 
	secret_by VARCHAR(64), 
	is_enabled BOOLEAN NOT NULL, 
	block VARCHAR(24), 
	block_reason VARCHAR(500), 
	blocked_until BIGINT, 
	failures INTEGER NOT NULL, 
	cursor BIGINT NOT NULL, 
	active_since BIGINT NOT NULL, 
	acts_for VARCHAR(64) NOT NULL, 
	created_by VARCHAR(64) NOT NULL, 
	created_at BIGINT NOT NULL, 
	updated_at BIGINT NOT NULL, 
	version INTEGER NOT NULL, 
	CONSTRAINT pk_triggers PRIMARY KEY (id)
);
CREATE TABLE webhook_deliveries (
	org_id VARCHAR(30) NOT NULL, 
	id VARCHAR(30) NOT NULL, 
	webhook_id VARCHAR(30) NOT NULL, 
	event VARCHAR(40) NOT NULL, 
	event_seq BIGINT, 
	subject_id VARCHAR(30), 
	status VARCHAR(10) NOT NULL, 
	body TEXT NOT NULL, 
	attempts INTEGER NOT NULL, 
	tried INTEGER NOT NULL, 
	due_at BIGINT, 
	answered INTEGER, 
	error VARCHAR(40), 
	took_ms INTEGER, 
	created_at BIGINT NOT NULL, 
	attempted_at BIGINT, 
	delivered_at BIGINT, 
	CONSTRAINT pk_webhook_deliveries PRIMARY KEY (id), 
	CONSTRAINT uq_webhook_deliveries_event UNIQUE (org_id, webhook_id, event_seq)
);
CREATE TABLE webhooks (
	org_id VARCHAR(30) NOT NULL, 
	id VARCHAR(30) NOT NULL, 
	name VARCHAR(100) NOT NULL, 
	shown_url VARCHAR(2100) NOT NULL, 
	form VARCHAR(10) NOT NULL, 
	is_enabled BOOLEAN NOT NULL, 
	ended VARCHAR(10), 
	filters JSON NOT NULL, 
	target BLOB NOT NULL, 
	cursor BIGINT NOT NULL, 
	failing_since BIGINT, 
	failures INTEGER DEFAULT '0' NOT NULL, 
	failed_at BIGINT, 
	created_by VARCHAR(64) NOT NULL, 
	created_at BIGINT NOT NULL, 
	updated_at BIGINT NOT NULL, 
	revision INTEGER NOT NULL, 
	CONSTRAINT pk_webhooks PRIMARY KEY (id)
);
CREATE INDEX ix_device_logins_expires_at ON device_logins (expires_at);
CREATE INDEX ix_rate_windows_ends_at ON rate_windows (ends_at);
CREATE INDEX ix_audit_records_action ON audit_records (org_id, action, seq);
CREATE INDEX ix_audit_records_actor ON audit_records (org_id, actor_id, seq);
CREATE INDEX ix_audit_records_cluster ON audit_records (org_id, cluster_id, seq);
CREATE INDEX ix_audit_records_org_id_at ON audit_records (org_id, at);
CREATE INDEX ix_audit_records_target ON audit_records (org_id, target, seq);
CREATE INDEX ix_idempotent_answers_org_id_created_at ON idempotent_answers (org_id, created_at);
CREATE INDEX ix_clusters_kube_system_uid ON clusters (org_id, kube_system_uid);
CREATE INDEX ix_clusters_status ON clusters (status);
CREATE UNIQUE INDEX uq_clusters_live_name ON clusters (org_id, name) WHERE deleted_at IS NULL;
CREATE INDEX ix_fleet_tokens_org ON fleet_tokens (org_id, created_at, id);
CREATE UNIQUE INDEX uq_fleet_tokens_hash ON fleet_tokens (hash);
CREATE INDEX ix_analyses_created_at ON analyses (created_at);
CREATE INDEX ix_analyses_due_at ON analyses (due_at) WHERE due_at IS NOT NULL;
CREATE INDEX ix_analyses_issue_id ON analyses (org_id, issue_id, created_at, id);
CREATE INDEX ix_analyses_ready ON analyses (org_id, finished_at, issue_id) WHERE status = 'ready';
CREATE UNIQUE INDEX uq_analyses_live ON analyses (org_id, issue_id) WHERE status IN ('queued', 'running');
CREATE INDEX ix_analysis_feedback_cluster_id ON analysis_feedback (org_id, cluster_id);
CREATE INDEX ix_analysis_feedback_recent ON analysis_feedback (org_id, updated_at);
CREATE INDEX ix_analysis_feedback_updated_at ON analysis_feedback (updated_at);
CREATE INDEX ix_captured_logs_captured_at ON captured_logs (captured_at);
CREATE INDEX ix_captured_logs_cluster_id ON captured_logs (org_id, cluster_id);
CREATE INDEX ix_captured_logs_due_at ON captured_logs (due_at) WHERE due_at IS NOT NULL;
CREATE INDEX ix_captured_logs_issue_id ON captured_logs (org_id, issue_id, captured_at);
CREATE INDEX ix_captured_surroundings_captured_at ON captured_surroundings (captured_at);
CREATE INDEX ix_captured_surroundings_cluster_id ON captured_surroundings (org_id, cluster_id);
CREATE INDEX ix_events_cluster_id ON events (org_id, cluster_id, seq);
CREATE INDEX ix_events_namespace ON events (org_id, namespace, seq);
CREATE INDEX ix_events_org_id_at ON events (org_id, at);
CREATE INDEX ix_events_type ON events (org_id, type, seq);
CREATE INDEX ix_forges_org_id ON forges (org_id, created_at, id);
CREATE INDEX ix_proposals_created_at ON proposals (created_at);
CREATE INDEX ix_proposals_due_at ON proposals (due_at) WHERE due_at IS NOT NULL;
CREATE UNIQUE INDEX uq_proposals_execution_id ON proposals (org_id, execution_id);
CREATE INDEX ix_issues_assignee ON issues (org_id, assignee, detected_at, id) WHERE assignee IS NOT NULL;
CREATE INDEX ix_issues_category ON issues (org_id, category, detected_at, id);
CREATE INDEX ix_issues_cluster_id ON issues (org_id, cluster_id, status, detected_at, id);
CREATE INDEX ix_issues_container ON issues (org_id, container, detected_at, id) WHERE container IS NOT NULL;
CREATE INDEX ix_issues_detected_at ON issues (org_id, detected_at, id);
CREATE INDEX ix_issues_ended ON issues (org_id, resolved_at, detected_at, cluster_id, severity_rank, parent_issue_id) WHERE parent_issue_id IS NULL AND resolved_at IS NOT NULL;
CREATE INDEX ix_issues_fingerprint ON issues (org_id, cluster_id, fingerprint, detected_at);
CREATE INDEX ix_issues_last_seen_at ON issues (org_id, last_seen_at, id);
CREATE INDEX ix_issues_live ON issues (org_id, id) WHERE status <> 'resolved';
CREATE INDEX ix_issues_mute_rule_id ON issues (org_id, mute_rule_id, id) WHERE mute_rule_id IS NOT NULL;
CREATE INDEX ix_issues_muted ON issues (org_id, mute_rule_id, id) WHERE mute_rule_id IS NOT NULL AND status <> 'resolved';
CREATE INDEX ix_issues_namespace ON issues (org_id, namespace, detected_at, id);
CREATE INDEX ix_issues_needs_work ON issues (org_id, status_rank, severity_rank, id) WHERE status <> 'resolved' AND parent_issue_id IS NULL AND mute_rule_id IS NULL AND snooze IS NULL;
CREATE INDEX ix_issues_needs_work_by_cluster ON issues (org_id, cluster_id, severity_rank, status, parent_issue_id, mute_rule_id, snooze) WHERE status <> 'resolved' AND parent_issue_id IS NULL AND mute_rule_id IS NULL AND snooze IS NULL;
CREATE INDEX ix_issues_opened ON issues (org_id, detected_at, cluster_id, severity_rank, parent_issue_id) WHERE parent_issue_id IS NULL;
CREATE INDEX ix_issues_owner_kind ON issues (org_id, owner_kind, detected_at, id);
CREATE INDEX ix_issues_owner_name ON issues (org_id, owner_name, detected_at, id);
CREATE INDEX ix_issues_parent_issue_id ON issues (org_id, parent_issue_id, id) WHERE parent_issue_id IS NOT NULL;
CREATE INDEX ix_issues_resolved_at ON issues (resolved_at) WHERE resolved_at IS NOT NULL;
CREATE INDEX ix_issues_severity ON issues (org_id, severity_rank, id);
CREATE INDEX ix_issues_shown_as ON issues (org_id, shown_as, detected_at, id);
CREATE INDEX ix_issues_snoozed_until ON issues (snoozed_until, id) WHERE snoozed_until IS NOT NULL;
CREATE INDEX ix_issues_status ON issues (org_id, status, detected_at, id);
CREATE INDEX ix_issues_status_rank ON issues (org_id, status_rank, id);
CREATE INDEX ix_issues_type ON issues (org_id, type, detected_at, id);
CREATE UNIQUE INDEX uq_issues_live ON issues (org_id, cluster_id, fingerprint) WHERE status <> 'resolved';
CREATE INDEX ix_issue_conditions_due_at ON issue_conditions (org_id, cluster_id, due_at);
CREATE INDEX ix_issue_conditions_fingerprint ON issue_conditions (org_id, cluster_id, fingerprint);
CREATE INDEX ix_issue_conditions_issue_id ON issue_conditions (org_id, issue_id);
CREATE INDEX ix_issue_kin_cluster_id ON issue_kin (org_id, cluster_id, issue_id);
CREATE INDEX ix_issue_looks_due_at ON issue_looks (org_id, cluster_id, due_at);
CREATE INDEX ix_issue_activity_acknowledged ON issue_activity (org_id, at, issue_id) WHERE action = 'acknowledged';
CREATE INDEX ix_issue_activity_issue_id ON issue_activity (org_id, issue_id, id);
CREATE INDEX ix_mute_rules_created_at ON mute_rules (org_id, created_at, id);
CREATE INDEX ix_mute_rules_expires_at ON mute_rules (expires_at) WHERE expires_at IS NOT NULL AND ended_at IS NULL;
CREATE INDEX ix_mute_rules_swept_to ON mute_rules (swept_to) WHERE swept_to IS NOT NULL;
CREATE INDEX ix_issue_comments_issue_id ON issue_comments (org_id, issue_id, id);
CREATE INDEX ix_issue_views_owner ON issue_views (org_id, owner_id, name);
CREATE INDEX ix_issue_views_shared ON issue_views (org_id, name) WHERE is_shared;
CREATE INDEX ix_resources_kind ON resources (org_id, cluster_id, kind, namespace, name);
CREATE INDEX ix_resources_kind_name ON resources (org_id, kind, name, id);
CREATE INDEX ix_resources_name ON resources (org_id, name, id);
CREATE INDEX ix_resources_namespace ON resources (org_id, namespace, name, id);
CREATE INDEX ix_resources_owner ON resources (org_id, cluster_id, owner_uid);
CREATE INDEX ix_resources_set ON resources (org_id, set_number);
CREATE INDEX ix_resources_unhealthy ON resources (org_id, state, name, id) WHERE state < 2;
CREATE INDEX ix_resource_sets_checked_at ON resource_sets (checked_at);
CREATE INDEX ix_resource_sets_cluster_id ON resource_sets (org_id, cluster_id, number);
CREATE INDEX ix_resource_history_at ON resource_history (at);
CREATE INDEX ix_resource_history_cluster_id ON resource_history (org_id, cluster_id, at);
CREATE INDEX ix_resource_history_org_id ON resource_history (org_id, at);
CREATE INDEX ix_resource_history_workloads ON resource_history (org_id, at, cluster_id) WHERE kind IN ('Deployment.apps', 'StatefulSet.apps', 'DaemonSet.apps');
CREATE INDEX ix_kubernetes_events_object_uid ON kubernetes_events (org_id, cluster_id, object_uid, last_at);
CREATE INDEX ix_kubernetes_events_seen_at ON kubernetes_events (seen_at);
CREATE UNIQUE INDEX uq_runbooks_slug ON runbooks (org_id, slug) WHERE deleted_at IS NULL;
CREATE INDEX ix_executions_applied ON executions (org_id, created_at) WHERE applied_at IS NOT NULL AND undo_of IS NULL;
CREATE INDEX ix_executions_applied_at ON executions (org_id, applied_at) WHERE applied_at IS NOT NULL;
CREATE INDEX ix_executions_by_status ON executions (org_id, status, id);
CREATE INDEX ix_executions_cluster_id ON executions (org_id, cluster_id, created_at, id);
CREATE INDEX ix_executions_cluster_status ON executions (org_id, cluster_id, status);
CREATE INDEX ix_executions_created_at ON executions (org_id, created_at, id);
CREATE INDEX ix_executions_dry_run ON executions (org_id, dry_run, created_at, id);
CREATE INDEX ix_executions_due_at ON executions (due_at) WHERE due_at IS NOT NULL;
CREATE INDEX ix_executions_finished_at ON executions (finished_at);
CREATE INDEX ix_executions_issue_id ON executions (org_id, issue_id, created_at, id);
CREATE INDEX ix_executions_place ON executions (org_id, cluster_id, namespace, created_at, id);
CREATE INDEX ix_executions_runbook_id ON executions (org_id, runbook_id, created_at, id);
CREATE INDEX ix_executions_status ON executions (org_id, status, created_at, id);
CREATE INDEX ix_executions_undo_of ON executions (org_id, undo_of) WHERE undo_of IS NOT NULL;
CREATE UNIQUE INDEX uq_executions_lock ON executions (org_id, lock);
CREATE INDEX ix_change_windows_org_id ON change_windows (org_id, created_at, id);
CREATE INDEX ix_triggers_next_at ON triggers (next_at);
CREATE INDEX ix_triggers_org_id ON triggers (org_id, created_at, id);
CREATE INDEX ix_trigger_firings_created_at ON trigger_firings (created_at);
CREATE INDEX ix_trigger_firings_due_at ON trigger_firings (due_at);
CREATE INDEX ix_trigger_firings_running ON trigger_firings (created_at, id) WHERE execution_id IS NOT NULL AND outcome IS NULL;
CREATE INDEX ix_trigger_firings_state ON trigger_firings (org_id, trigger_id, state, created_at, id);
CREATE INDEX ix_trigger_firings_trigger_id ON trigger_firings (org_id, trigger_id, created_at, id);
CREATE UNIQUE INDEX uq_trigger_firings_key ON trigger_firings (org_id, trigger_id, "key");
CREATE INDEX ix_webhooks_org_id ON webhooks (org_id, created_at, id);
CREATE INDEX ix_webhook_deliveries_created_at ON webhook_deliveries (created_at);
CREATE INDEX ix_webhook_deliveries_due_at ON webhook_deliveries (due_at);
CREATE INDEX ix_webhook_deliveries_status ON webhook_deliveries (org_id, webhook_id, status, created_at, id);
CREATE INDEX ix_webhook_deliveries_subject_id ON webhook_deliveries (org_id, webhook_id, subject_id);
CREATE INDEX ix_webhook_deliveries_webhook_id ON webhook_deliveries (org_id, webhook_id, created_at, id);
CREATE INDEX ix_members_email ON members (email);
CREATE INDEX ix_invites_org_id_created_at_id ON invites (org_id, created_at, id);
CREATE INDEX ix_enrollment_tokens_cluster ON enrollment_tokens (org_id, cluster_id);
CREATE INDEX ix_fleet_enrollments_token ON fleet_enrollments (org_id, token_id, kube_system_uid);
CREATE INDEX ix_agent_certificates_cluster ON agent_certificates (org_id, cluster_id);
CREATE INDEX ix_commands_finished ON commands (finished_at);
CREATE INDEX ix_commands_open ON commands (cluster_id, created_at) WHERE finished_at IS NULL;
CREATE UNIQUE INDEX ix_execution_steps_execution_id ON execution_steps (org_id, execution_id, position);
CREATE INDEX ix_execution_steps_object ON execution_steps (org_id, kind, namespace, object_name);
CREATE UNIQUE INDEX uq_execution_steps_lock ON execution_steps (org_id, lock);
CREATE INDEX ix_approvals_execution_id ON approvals (org_id, execution_id, requested_at);
CREATE INDEX ix_approval_decisions_execution_id ON approval_decisions (org_id, execution_id, at);
CREATE INDEX ix_member_bindings_ends_at ON member_bindings (ends_at);
CREATE INDEX ix_member_bindings_org_id_user_id ON member_bindings (org_id, user_id);
CREATE INDEX ix_delegations_ends_at ON delegations (ends_at);
CREATE INDEX ix_delegations_org_id_delegate_id ON delegations (org_id, delegate_id);
CREATE INDEX ix_delegations_org_id_member_id ON delegations (org_id, member_id);
CREATE INDEX ix_sessions_expires_at ON sessions (expires_at);
CREATE INDEX ix_sessions_org_id_user_id ON sessions (org_id, user_id);
CREATE INDEX ix_api_keys_org_id_created_at_id ON api_keys (org_id, created_at, id);
COMMIT;